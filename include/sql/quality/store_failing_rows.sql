-- Grain: one finding for each failing row of a rule and each column that the rule highlights.
-- Keys: finding_id, which PostgreSQL numbers.
-- Why: the findings are written inside the database, so that no value of a return is read out.
INSERT INTO quality.finding (submission_id, rule_id, message, table_name, sheet, row_number, column_name, cell)
SELECT
    %(submission_id)s,
    %(rule_id)s,
    %(message)s,
    %(table_name)s,
    staged_file.sheet,
    listed.row_number + staged_file.line_offset,
    highlighted.column_name,
    -- Letters name a column of a sheet; a number names a column of a delimited file, which has no cells.
    CASE
        WHEN staged_file.columns ->> highlighted.column_name ~ '^[A-Z]+$'
            THEN (staged_file.columns ->> highlighted.column_name) || (listed.row_number + staged_file.line_offset)
    END
FROM (SELECT row_number FROM failing ORDER BY row_number LIMIT %(max_rows)s) AS listed
LEFT JOIN intake.staged_file
    ON
        staged_file.submission_id = %(submission_id)s
        AND staged_file.table_name = %(table_name)s
        AND listed.row_number BETWEEN staged_file.first_row AND staged_file.last_row
CROSS JOIN unnest(%(columns)s::text[]) AS highlighted (column_name)
-- A cell that could not be read has its finding already. A second one, about what it must hold, would contradict it.
WHERE
    NOT (
        %(is_about_one_cell)s AND EXISTS (
            SELECT
            FROM quality.finding AS earlier
            INNER JOIN quality.rule ON earlier.rule_id = rule.rule_id
            WHERE
                earlier.submission_id = %(submission_id)s
                AND earlier.table_name = %(table_name)s
                AND earlier.row_number = listed.row_number + staged_file.line_offset
                AND earlier.column_name = highlighted.column_name
                AND rule.return_name IS NULL
                AND rule.severity = 'critical'
        )
    )
ORDER BY listed.row_number
