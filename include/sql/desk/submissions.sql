-- Grain: one row a submission of a sender, the newest first.
-- Keys: receipt.
-- Why: what a sender sent, and whether we accepted it.
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    r.return_title,
    q.quarter_label,
    s.quarter_key,
    s.received_at,
    s.status,
    s.nil_return,
    s.synthetic,
    c.score_percent,
    c.warnings
FROM intake.submission AS s
INNER JOIN warehouse.dim_return AS r ON s.return_name = r.return_name
INNER JOIN warehouse.dim_quarter AS q ON s.quarter_key = q.quarter_key
LEFT JOIN quality.submission_score AS c ON s.submission_id = c.submission_id
WHERE s.source = %(source)s
ORDER BY s.received_at DESC, s.submission_id DESC
LIMIT 40
