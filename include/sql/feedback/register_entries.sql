-- Grain: one row for each entry of a register about which somebody decided on the web pages.
-- Keys: key.
-- Why: the newest decision that was known at a time counts, before the register's file.
SELECT DISTINCT ON (e.key)
    e.register,
    e.key,
    e.entry,
    e.allowed_by,
    e.why,
    e.decided_by,
    e.decided_at
FROM feedback.register_entry AS e
WHERE e.register = %(register)s AND e.decided_at <= %(known_at)s
ORDER BY e.key ASC, e.register_entry_id DESC
