-- Grain: measure or component, area and quarter, that was complete at a time.
-- Keys: measure_id, area_code, quarter_key.
-- Why: what was published is compared with what was known when it was published. A component is called return.component: what a return says
-- of the end of a quarter, or since a year, is not a measure, because its quarters must not be added up.
SELECT
    measure_id,
    area_code,
    quarter_key,
    numerator,
    denominator
FROM marts.observation_known_at(%(known_at)s)
WHERE complete AND missing_reason IS NULL
UNION ALL
SELECT
    t.return_name || '.' || t.component AS measure_id,
    a.area_code,
    t.quarter_key,
    sum(t.value) AS numerator,
    NULL AS denominator
FROM marts.component_total_known_at(%(known_at)s) AS t
INNER JOIN warehouse.area_member AS a ON t.area_code = a.member_code AND a.valid @> t.starts_on
WHERE t.return_name || '.' || t.component = any(%(components)s)
GROUP BY t.return_name, t.component, a.area_code, t.quarter_key
HAVING count(*) = count(t.value)
