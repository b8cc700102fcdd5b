-- Grain: one row a decision about an extension of a return, the newest first.
-- Keys: decided_at.
-- Why: the history of a due date.
SELECT
    x.until,
    x.allowed_by,
    x.why,
    x.decided_by,
    x.decided_at
FROM feedback.extension AS x
WHERE (x.return_name, x.source, x.quarter_key) = (%(return_name)s, %(source)s, %(quarter_key)s)
ORDER BY x.decided_at DESC
