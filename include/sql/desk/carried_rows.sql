-- Grain: one row a row of a submission that comes again.
-- Keys: table_name, row_number.
-- Why: the sender's next blank workbook has it ready.
SELECT
    c.table_name,
    c.entry
FROM desk.carried_row AS c
WHERE c.submission_id = %(submission_id)s
ORDER BY c.table_name, c.row_number
