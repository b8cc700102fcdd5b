-- Grain: return version, component, area and month or quarter.
-- Keys: return_version_id, component, area_code, starts_on.
-- Why: adds up what the rows count, then the components that are sums of others. A row without a value is withheld, and so is a total of it: no
-- sum of the others passes for the whole. An area that the contract names counts 0 where it has no
-- row, because the return was received. The return versions are an array: with a list of values the planner uses the index, with a joined
-- table it reads all years to count a quarter.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
WITH part AS (
    SELECT
        r.return_version_id,
        r.area_code,
        r.starts_on,
        r.component,
        CASE WHEN count(*) = count(r.value) THEN sum(r.value) END AS value
    FROM new_component_row AS r
    WHERE r.return_version_id = any(array(SELECT v.return_version_id FROM new_return_version AS v))
    GROUP BY r.return_version_id, r.area_code, r.starts_on, r.component
),

counted AS (
    SELECT
        part.return_version_id,
        part.area_code,
        part.starts_on,
        part.component,
        part.value
    FROM part
    UNION ALL
    SELECT
        part.return_version_id,
        part.area_code,
        part.starts_on,
        s.component,
        CASE WHEN count(*) = count(part.value) THEN sum(part.value) END AS value
    FROM part
    INNER JOIN unnest(%(sums)s::text[], %(parts)s::text[]) AS s (component, part) ON part.component = s.part
    GROUP BY part.return_version_id, part.area_code, part.starts_on, s.component
),

expected AS (
    SELECT
        v.return_version_id,
        a.area_code,
        m.starts_on::date AS starts_on,
        c.component
    FROM new_return_version AS v
    CROSS JOIN generate_series(v.starts_on, v.ends_on, make_interval(months => %(months)s)) AS m (starts_on)
    CROSS JOIN unnest(%(zero_areas)s::text[]) AS a (area_code)
    CROSS JOIN unnest(%(components)s::text[]) AS c (component)
)

SELECT
    counted.return_version_id,
    counted.area_code,
    counted.starts_on,
    counted.component,
    counted.value
FROM counted
UNION ALL
SELECT
    expected.return_version_id,
    expected.area_code,
    expected.starts_on,
    expected.component,
    0 AS value
FROM expected
LEFT JOIN counted
    ON
        expected.return_version_id = counted.return_version_id
        AND expected.area_code = counted.area_code
        AND expected.starts_on = counted.starts_on
        AND expected.component = counted.component
WHERE counted.component IS NULL
RETURNING component
