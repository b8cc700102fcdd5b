-- Grain: one row a table of two submissions: the one a letter is about, and the one before it.
-- Keys: submission_id, table_name.
-- Why: a partner checks first whether we read as many rows as it sent.
SELECT
    a.submission_id,
    a.table_name,
    a.rows_loaded
FROM quality.row_reconciliation AS a
WHERE a.submission_id IN (%(submission_id)s, %(before_id)s)
