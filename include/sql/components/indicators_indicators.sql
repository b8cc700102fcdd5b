-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: the number, and what it is a share of under a name of its own, so that a share has its denominator.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.indicator AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.indicator, f.numerator),
        (CASE WHEN num_nonnulls(f.denominator, f.denominator_missing_reason) > 0 THEN f.indicator || ':of' END, f.denominator)
    ) AS n (component, value)
WHERE n.component IS NOT NULL
