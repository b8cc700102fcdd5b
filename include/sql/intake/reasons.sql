-- Grain: one row a rule that a submission of a return for a quarter breaks, those that refuse it first.
-- Keys: submission_id, rule_id.
-- Why: what a page or a letter says about a return: how often, and the first place; never a value.
SELECT
    s.submission_id,
    f.severity,
    count(*) AS places,
    (array_agg(f.message ORDER BY f.finding_id))[1] AS message,
    (array_agg(f.sheet ORDER BY f.finding_id))[1] AS sheet,
    (array_agg(coalesce(f.cell, 'row ' || f.row_number) ORDER BY f.finding_id))[1] AS place
FROM intake.submission AS s
INNER JOIN quality.judged_finding AS f ON s.submission_id = f.submission_id
WHERE s.return_name = %(return_name)s AND s.quarter_key = %(quarter_key)s
GROUP BY s.submission_id, f.severity, f.rule_id
ORDER BY s.submission_id, f.severity, f.rule_id
