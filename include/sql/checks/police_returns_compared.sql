-- Grain: one row a measure, district and quarter for which its return and the return in compare_with differ by more than a tenth.
-- Keys: measure_id, area_code, quarter_key.
-- Why: where two returns could answer, one feeds the measure and the other is compared with it; they are never added together.
-- Severity: warning
-- Rule: The two police returns differ by at most a tenth.
WITH other AS (
    SELECT
        t.area_code,
        q.quarter_key,
        h.return_name || '.' || t.component AS component,
        sum(t.value) AS value
    FROM warehouse.return_version AS h
    INNER JOIN marts.component_total AS t ON h.return_version_id = t.return_version_id
    INNER JOIN warehouse.dim_quarter AS q ON t.starts_on BETWEEN q.starts_on AND q.ends_on
    WHERE upper_inf(h.known_during)
    GROUP BY t.area_code, q.quarter_key, h.return_name, t.component
    HAVING count(t.value) = 3
)

SELECT
    o.measure_id,
    o.area_code,
    o.quarter_key,
    round(c.value / nullif(o.numerator, 0), 2) AS compared_by_counts
FROM marts.observation AS o
INNER JOIN marts.dim_measure AS m ON o.measure_id = m.measure_id
INNER JOIN other AS c ON o.area_code = c.area_code AND o.quarter_key = c.quarter_key AND m.compare_with = c.component
WHERE o.complete AND abs(c.value - o.numerator) > 0.1 * o.numerator
