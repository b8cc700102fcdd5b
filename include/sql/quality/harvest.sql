-- Grain: one finding for each failing row of one rule and each column that the rule marks.
-- Keys: none of its own; findings are numbered as they are written.
-- Why: failing rows go from the staged table to the findings inside the database, so that no value is read out.
INSERT INTO quality.finding (submission_id, rule_id, message, table_name, sheet, row_number, column_name, cell)
SELECT
    %(submission_id)s,
    %(rule_id)s,
    %(message)s,
    %(table_name)s,
    staged_file.sheet,
    listed.row_number + staged_file.line_offset,
    marked.column_name,
    -- A letter is a column of a sheet; a number is a column of a delimited file, which has no cells.
    CASE
        WHEN staged_file.columns ->> marked.column_name ~ '^[A-Z]+$'
            THEN (staged_file.columns ->> marked.column_name) || (listed.row_number + staged_file.line_offset)
    END
FROM (SELECT row_number FROM failing ORDER BY row_number LIMIT %(most)s) AS listed
LEFT JOIN intake.staged_file
    ON
        staged_file.submission_id = %(submission_id)s
        AND staged_file.table_name = %(table_name)s
        AND listed.row_number BETWEEN staged_file.first_row AND staged_file.last_row
CROSS JOIN unnest(%(columns)s::text[]) AS marked (column_name)
ORDER BY listed.row_number
