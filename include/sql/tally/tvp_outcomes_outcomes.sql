-- Grain: holding, place, month and outcome, and all of them together.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: a place without an outcome counts 0, because the month was received. Outcomes are counted in their own month; which crime each
-- belongs to is asked by marts.outcome_by_offence, because the crime's file may come later or never.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
WITH component AS (
    SELECT
        f.return_version_id,
        f.area_code,
        f.outcome_code,
        count(*) AS value
    FROM warehouse.crime_outcome AS f
    INNER JOIN new_return_version AS h ON f.return_version_id = h.return_version_id
    GROUP BY f.return_version_id, f.area_code, f.outcome_code
)

SELECT
    h.return_version_id,
    a.area_code,
    h.starts_on,
    coalesce(o.outcome_code, 'all_outcomes') AS component,
    coalesce(sum(c.value), 0) AS value
FROM new_return_version AS h
CROSS JOIN warehouse.dim_area AS a
CROSS JOIN warehouse.dim_outcome AS o
LEFT JOIN component AS c ON h.return_version_id = c.return_version_id AND a.area_code = c.area_code AND o.outcome_code = c.outcome_code
WHERE a.area_type = 'district' OR a.area_code IN ('ELSEWHERE', 'NO-LOCATION')
GROUP BY GROUPING SETS ((h.return_version_id, a.area_code, h.starts_on, o.outcome_code), (h.return_version_id, a.area_code, h.starts_on))
