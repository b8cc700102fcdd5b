-- Grain: one row a decision on an entry of a register, the newest first.
-- Keys: register_entry_id.
-- Why: the history of a waiver or a contact.
SELECT
    e.entry,
    e.allowed_by,
    e.why,
    e.decided_by,
    e.decided_at
FROM feedback.register_entry AS e
WHERE (e.register, e.key) = (%(register)s, %(key)s)
ORDER BY e.register_entry_id DESC
