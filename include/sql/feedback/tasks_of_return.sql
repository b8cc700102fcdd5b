-- Grain: one row a task of a return for a quarter.
-- Keys: reference.
-- Why: what still needs a correction, and which attempt corrected the rest; never a value.
SELECT
    k.reference,
    k.state,
    k.findings,
    coalesce(w.message, r.message) AS message,
    e.attempt
FROM feedback.task AS k
INNER JOIN quality.rule AS r ON k.rule_id = r.rule_id
INNER JOIN LATERAL (
    SELECT v.attempt
    FROM feedback.task_event AS v
    INNER JOIN feedback.reply AS p ON v.submission_id = p.submission_id
    WHERE v.task_id = k.task_id AND v.event <> 'still_open'
    ORDER BY p.replied_at DESC, v.attempt DESC
    LIMIT 1
) AS e ON true
-- A rule common to all files has its blanks filled in the finding alone.
LEFT JOIN LATERAL (
    SELECT f.message
    FROM feedback.task_event AS v
    INNER JOIN quality.finding AS f ON v.submission_id = f.submission_id AND k.rule_id = f.rule_id
    WHERE v.task_id = k.task_id AND v.findings > 0
    ORDER BY v.attempt DESC, f.finding_id ASC
    LIMIT 1
) AS w ON true
WHERE k.return_name = %(return_name)s AND k.quarter_key = %(quarter_key)s
ORDER BY k.source, k.number
