-- Grain: one row, a decided submission.
-- Keys: submission_id.
-- Why: what a letter tells about it: who, what, when, which attempt, whether a signature is missing, and what it is compared with: the
-- newest return accepted before it, of the same quarter if there is one, else of an earlier quarter.
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    s.source,
    s.quarter_key,
    s.file_name,
    s.landed_as,
    s.received_at,
    s.synthetic,
    s.status,
    u.unsigned_receipt IS NOT NULL AS unsigned,
    (
        SELECT count(*) FROM intake.submission AS o
        WHERE (o.return_name, o.source, o.quarter_key) = (s.return_name, s.source, s.quarter_key) AND o.received_at <= s.received_at
    ) AS attempt,
    before.submission_id AS before_id,
    before.receipt AS before_receipt,
    before.quarter_key AS before_quarter
FROM intake.submission AS s
LEFT JOIN feedback.expected_return_status AS u
    ON (s.return_name, s.source, s.quarter_key, s.receipt) = (u.return_name, u.source, u.quarter_key, u.unsigned_receipt)
LEFT JOIN LATERAL (
    SELECT
        e.submission_id,
        e.receipt,
        e.quarter_key
    FROM intake.submission AS e
    WHERE
        (e.return_name, e.source, e.status) = (s.return_name, s.source, 'accepted')
        AND e.received_at < s.received_at
        AND e.quarter_key <= s.quarter_key
    ORDER BY e.quarter_key DESC, e.received_at DESC
    LIMIT 1
) AS before ON TRUE
WHERE s.submission_id = %(submission_id)s AND s.status IN ('accepted', 'refused')
