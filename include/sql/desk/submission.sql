-- Grain: one row, the submission with a receipt, or the newest of a return, sender and quarter with a content.
-- Keys: receipt.
-- Why: the page of a receipt, and the page that waits for a file that was just sent.
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    r.return_title,
    s.source,
    p.source_name,
    s.quarter_key,
    q.quarter_label,
    s.received_at,
    s.status,
    s.nil_return,
    s.synthetic,
    y.workbook,
    g.signed_as,
    g.signed_at,
    u.unsigned_receipt IS NOT NULL AS unsigned
FROM intake.submission AS s
INNER JOIN warehouse.dim_return AS r ON s.return_name = r.return_name
INNER JOIN warehouse.dim_source AS p ON s.source = p.source
INNER JOIN warehouse.dim_quarter AS q ON s.quarter_key = q.quarter_key
LEFT JOIN feedback.reply AS y ON s.submission_id = y.submission_id
LEFT JOIN feedback.expected_return_status AS u
    ON (s.return_name, s.source, s.quarter_key, s.receipt) = (u.return_name, u.source, u.quarter_key, u.unsigned_receipt)
LEFT JOIN feedback.signature AS g
    ON (s.return_name, s.source, s.quarter_key, s.content_hash) = (g.return_name, g.source, g.quarter_key, g.content_hash)
WHERE
    s.source = coalesce(%(source)s, s.source)
    AND (
        s.receipt = %(receipt)s
        OR ((s.return_name, s.content_hash) = (%(return_name)s, %(content_hash)s) AND s.recorded_at >= %(sent_at)s)
    )
ORDER BY s.submission_id DESC
LIMIT 1
