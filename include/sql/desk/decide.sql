-- Grain: one row, the decision that was added; none if somebody else has just decided about the same key.
-- Keys: register_entry_id.
-- Why: of two decisions about the same key at the same moment only the first counts, and the other person reads so.
INSERT INTO feedback.register_entry (register, key, follows, entry, allowed_by, why, decided_by)
SELECT
    %(register)s,
    %(key)s,
    (SELECT max(e.register_entry_id) FROM feedback.register_entry AS e WHERE (e.register, e.key) = (%(register)s, %(key)s)),
    %(entry)s,
    %(allowed_by)s,
    %(why)s,
    %(decided_by)s
ON CONFLICT DO NOTHING
RETURNING register_entry_id
