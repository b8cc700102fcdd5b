-- Grain: one row a letter to the sender of a submission.
-- Keys: letter_id.
-- Why: the page of a receipt links to the letter that went out about it.
SELECT
    l.letter_id,
    l.subject,
    l.state,
    l.sent_at
FROM feedback.letter AS l
WHERE l.submission_id = %(submission_id)s AND l.kind <> 'refusal'
ORDER BY l.queued_at
