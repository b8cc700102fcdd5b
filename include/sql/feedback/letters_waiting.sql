-- Grain: one row a letter that was tried and is not sent, or that the mail server may have more than once.
-- Keys: letter_id.
-- Why: the unit sees what partners do not know yet, and which letter they may get twice.
SELECT
    recipient,
    subject,
    state,
    attempts,
    unsure,
    fault
FROM feedback.letter
WHERE (state IN ('queued', 'sending') AND attempts > 0) OR (state = 'sent' AND unsure > 0 AND sent_at > %(since)s)
ORDER BY queued_at
