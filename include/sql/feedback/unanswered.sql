-- Grain: one row a decided submission that has no reply yet, of the owner of one submission, up to that one, in the order received.
-- Keys: submission_id.
-- Why: tasks follow the chain of attempts: an earlier attempt whose reply was interrupted is replied to first.
SELECT
    e.submission_id,
    exists(
        SELECT FROM intake.submission AS l
        INNER JOIN feedback.reply AS p ON l.submission_id = p.submission_id
        WHERE (l.return_name, l.source, l.quarter_key) = (e.return_name, e.source, e.quarter_key) AND l.received_at > e.received_at
    ) AS overtaken
FROM intake.submission AS s
INNER JOIN intake.submission AS e
    ON (s.return_name, s.source, s.quarter_key) = (e.return_name, e.source, e.quarter_key) AND s.received_at >= e.received_at
LEFT JOIN feedback.reply AS r ON e.submission_id = r.submission_id
WHERE s.submission_id = %(submission_id)s AND e.status IN ('accepted', 'refused') AND r.submission_id IS NULL
ORDER BY e.received_at
