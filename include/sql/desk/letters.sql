-- Grain: one row a letter to a recipient, the newest first; or the letter with a number.
-- Keys: letter_id.
-- Why: what we wrote, and whether it was sent.
SELECT
    l.letter_id,
    l.kind,
    l.recipient,
    l.subject,
    l.plain,
    l.state,
    l.attempts,
    l.fault,
    l.queued_at,
    l.sent_at
FROM feedback.letter AS l
WHERE l.recipient = coalesce(%(recipient)s, l.recipient) AND l.letter_id = coalesce(%(letter_id)s::uuid, l.letter_id)
ORDER BY l.queued_at DESC
LIMIT 40
