-- Grain: one row an action on the pages, the newest first.
-- Keys: action_id.
-- Why: who did what, for the unit.
SELECT
    a.done_at,
    a.done_by,
    a.action,
    a.about,
    a.before,
    a.after
FROM desk.action AS a
ORDER BY a.action_id DESC
LIMIT 200
