-- Grain: one row a finding of a submission.
-- Keys: finding_id.
-- Why: what the marked workbook and the letter say: rules, places and words, never a value.
SELECT
    f.rule_id,
    f.severity,
    f.tier,
    f.message,
    f.table_name,
    f.sheet,
    f.row_number,
    f.column_name,
    f.cell
FROM quality.judged_finding AS f
WHERE f.submission_id = %(submission_id)s
ORDER BY f.finding_id
