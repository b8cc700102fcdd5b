-- Grain: one row a measure that two submissions feed: the one a letter is about, and the one before it.
-- Keys: submission_id, measure_id.
-- Why: the totals that we read, in the scorecard's words.
SELECT
    c.submission_id,
    c.title,
    c.kind,
    c.value
FROM feedback.return_count AS c
WHERE c.submission_id IN (%(submission_id)s, %(before_id)s)
ORDER BY c.sort_order
