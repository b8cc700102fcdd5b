-- Grain: one row a task that is open, or that was opened or closed since the last digest.
-- Keys: task_id.
-- Why: a digest says what is owed and what has changed, and nothing else.
SELECT
    k.reference,
    k.return_name,
    k.source,
    k.quarter_key,
    k.state,
    k.findings,
    coalesce(w.message, r.message) AS message,
    e.event,
    e.attempt,
    e.synthetic,
    e.happened_at > %(since)s AS changed
FROM feedback.task AS k
INNER JOIN quality.rule AS r ON k.rule_id = r.rule_id
INNER JOIN LATERAL (
    SELECT
        v.event,
        v.attempt,
        s.synthetic,
        p.replied_at AS happened_at
    FROM feedback.task_event AS v
    INNER JOIN feedback.reply AS p ON v.submission_id = p.submission_id
    INNER JOIN intake.submission AS s ON v.submission_id = s.submission_id
    WHERE v.task_id = k.task_id AND v.event <> 'still_open'
    ORDER BY p.replied_at DESC
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
WHERE k.source = coalesce(%(source)s, k.source) AND (k.state = 'open' OR e.happened_at > %(since)s)
ORDER BY k.source, k.return_name, k.quarter_key, k.number
