-- Grain: one row a return that is owed on a day: wanted and not come, refused and a correction owed, or accepted and not signed.
-- Keys: return_name, source, quarter_key.
-- Why: what reminders are about.
SELECT
    e.return_name,
    e.source,
    e.quarter_key,
    e.deadline,
    e.extended_by,
    CASE WHEN e.unsigned_receipt IS NULL THEN e.state ELSE 'unsigned' END AS state,
    coalesce(e.unsigned_receipt, e.newest_receipt) AS receipt,
    e.open_tasks,
    e.synthetic
FROM feedback.expected_return_status_on(%(day)s) AS e
WHERE e.state IN ('due', 'late', 'refused') OR e.unsigned_receipt IS NOT NULL
ORDER BY e.source, e.deadline, e.return_name
