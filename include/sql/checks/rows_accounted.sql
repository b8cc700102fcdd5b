-- Grain: one row a table of a decided submission whose rows do not add up; none is a pass.
-- Keys: submission_id, table_name.
-- Why: every row read is loaded or refused: nothing lost, nothing counted twice. An accepted archive refuses only months that we left out.
-- Severity: error
-- Rule: Every row that we read is loaded or refused.
SELECT
    a.submission_id,
    a.table_name
FROM quality.row_reconciliation AS a
INNER JOIN intake.submission AS s ON a.submission_id = s.submission_id
WHERE
    (s.status = 'accepted' AND NOT (a.rows_read = a.rows_staged + a.rows_refused AND a.rows_loaded = a.rows_staged))
    OR (
        s.status = 'accepted'
        AND a.rows_refused > 0
        AND NOT EXISTS (SELECT FROM quality.finding AS f WHERE f.submission_id = s.submission_id AND f.rule_id = 'INT-ARCHIVE-11')
    )
    OR (s.status = 'refused' AND NOT (a.rows_refused = a.rows_read AND a.rows_loaded = 0))
