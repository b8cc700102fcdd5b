-- Grain: one row, the signature that was added; none if the file of the receipt is signed, or needs no signature.
-- Keys: content_hash.
-- Why: a partner signs a file that we received before anybody had signed it. The sender is part of the question, so that nobody signs for
-- another.
INSERT INTO feedback.signature (return_name, source, quarter_key, content_hash, signed_as, signed_by)
SELECT
    s.return_name,
    s.source,
    s.quarter_key,
    s.content_hash,
    %(signed_as)s,
    %(signed_by)s
FROM intake.submission AS s
INNER JOIN feedback.expected_return_status AS e
    ON (s.return_name, s.source, s.quarter_key) = (e.return_name, e.source, e.quarter_key) AND s.receipt = e.unsigned_receipt
WHERE s.receipt = %(receipt)s AND s.source = %(source)s
ON CONFLICT DO NOTHING
RETURNING content_hash
