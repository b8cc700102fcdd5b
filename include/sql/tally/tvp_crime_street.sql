-- Grain: holding, place, month and crime type, and all of them together.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: one pass over the records; a place without a record of a type counts 0, because the month was received.
-- crime_id marks crime: a blank one is anti-social behaviour. The holdings as an array, because to a list of values the planner
-- takes the way through the index; to a joined table it reads all years to count one quarter.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
WITH component AS (
    SELECT
        c.return_version_id,
        c.area_code,
        c.offence_code,
        count(*) AS value
    FROM warehouse.street_crime AS c
    WHERE c.return_version_id = any(array(SELECT h.return_version_id FROM new_return_version AS h))
    GROUP BY c.return_version_id, c.area_code, c.offence_code
),

grid AS (
    SELECT
        h.return_version_id,
        h.starts_on,
        a.area_code,
        o.offence_code
    FROM new_return_version AS h
    CROSS JOIN warehouse.dim_area AS a
    CROSS JOIN warehouse.dim_offence AS o
    WHERE a.area_type = 'district' OR a.area_code IN ('ELSEWHERE', 'NO-LOCATION')
),

filled AS (
    SELECT
        g.return_version_id,
        g.area_code,
        g.starts_on,
        g.offence_code,
        coalesce(c.value, 0) AS value
    FROM grid AS g
    LEFT JOIN component AS c ON g.return_version_id = c.return_version_id AND g.area_code = c.area_code AND g.offence_code = c.offence_code
)

SELECT
    return_version_id,
    area_code,
    starts_on,
    coalesce(offence_code, 'all_records') AS component,
    sum(value) AS value
FROM filled
GROUP BY GROUPING SETS ((return_version_id, area_code, starts_on, offence_code), (return_version_id, area_code, starts_on))
UNION ALL
SELECT
    return_version_id,
    area_code,
    starts_on,
    'all_crime' AS component,
    sum(value) FILTER (WHERE offence_code <> 'anti_social_behaviour') AS value
FROM filled
GROUP BY return_version_id, area_code, starts_on
