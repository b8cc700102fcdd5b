-- Grain: one letter that is to be sent now, or none.
-- Keys: letter_id.
-- Why: each letter has one sender at a time: rows that another sender has taken are passed over. A letter that has been "sending" for longer
-- than sending can take was left by a sender that died; whether the mail server has it is unknown, so it is counted as unsure.
UPDATE feedback.letter AS l
SET
    state = 'sending',
    attempts = l.attempts + 1,
    unsure = l.unsure + (l.state = 'sending')::integer,
    due_at = clock_timestamp() + %(lease)s
WHERE
    l.letter_id = (
        SELECT c.letter_id
        FROM feedback.letter AS c
        WHERE c.state IN ('queued', 'sending') AND c.due_at <= clock_timestamp()
        ORDER BY c.due_at, c.queued_at, c.letter_id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
RETURNING l.letter_id, l.kind, l.recipient, l.message_id, l.subject, l.plain, l.html, l.attachment, l.attempts
