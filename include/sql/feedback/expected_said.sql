-- Grain: one row a reminder that was written.
-- Keys: all columns.
-- Why: each stage of a return that is owed is in one letter.
SELECT
    r.return_name,
    r.source,
    r.quarter_key,
    r.due_on,
    r.stage,
    r.week
FROM feedback.reminder AS r
