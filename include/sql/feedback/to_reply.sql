-- Grain: one row a decided submission of a return and quarter without a reply.
-- Keys: submission_id.
-- Why: a file that is refused at the door never reaches the later steps, and its sender must know all the same.
SELECT s.submission_id
FROM intake.submission AS s
LEFT JOIN feedback.reply AS r ON s.submission_id = r.submission_id
WHERE
    s.return_name = %(return_name)s
    AND s.quarter_key = %(quarter_key)s
    AND s.status IN ('accepted', 'refused')
    AND r.submission_id IS NULL
ORDER BY s.received_at
