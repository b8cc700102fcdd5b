-- Grain: one row a finding of a submission.
-- Keys: finding_id.
-- Why: what the marked workbook and the letter say: rules, places and words, never a value.
SELECT
    f.rule_id,
    r.severity,
    r.tier,
    f.says,
    f.table_name,
    f.sheet,
    f.row_number,
    f.column_name,
    f.cell
FROM quality.finding AS f
INNER JOIN quality.rule AS r ON f.rule_id = r.rule_id
WHERE f.submission_id = %(submission_id)s
ORDER BY f.finding_id
