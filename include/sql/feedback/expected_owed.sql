-- Grain: one row a return that is owed on a day: wanted and not come, or refused and a correction owed.
-- Keys: return_name, source, quarter_key.
-- Why: what reminders are about.
SELECT
    e.return_name,
    e.source,
    e.quarter_key,
    e.deadline,
    e.extended_by,
    e.state,
    e.newest_receipt,
    e.open_tasks,
    e.synthetic
FROM feedback.expected_return_status_on(%(day)s) AS e
WHERE e.state IN ('due', 'late', 'refused')
ORDER BY e.source, e.deadline, e.return_name
