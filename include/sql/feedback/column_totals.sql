-- Grain: one row a column that adds up, of two submissions: the one a letter is about, and the one before it.
-- Keys: submission_id, table_name, column_name.
-- Why: a partner knows these sums from its own records.
SELECT
    t.submission_id,
    t.table_name,
    t.column_name,
    t.total
FROM feedback.return_total AS t
WHERE t.submission_id IN (%(submission_id)s, %(before_id)s)
