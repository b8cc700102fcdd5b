-- Grain: one row a note about a sender, the newest first.
-- Keys: note_id.
-- Why: what the unit wants to remember about a sender.
SELECT
    n.note_text,
    n.written_by,
    n.written_at
FROM desk.note AS n
WHERE n.source = %(source)s
ORDER BY n.written_at DESC
LIMIT 40
