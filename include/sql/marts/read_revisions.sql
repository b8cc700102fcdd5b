-- Grain: measure of counts and quarter, for the county.
-- Keys: measure_id, quarter_key.
-- Why: how much a figure is typically revised after it was first known, from our own holdings: what each period's first holding
-- counted, and what was counted by the one held at a time. Only quarters with the same months both times.
WITH kept AS (
    SELECT
        return_version_id,
        known_during @> %(known_at)s::timestamptz AS is_last,
        row_number() OVER (PARTITION BY return_name, source, period ORDER BY lower(known_during)) = 1 AS is_first
    FROM warehouse.return_version
    WHERE lower(known_during) <= %(known_at)s::timestamptz
)

SELECT
    m.measure_id,
    m.quarter_key,
    sum(m.value) FILTER (WHERE k.is_first) AS first_known,
    sum(m.value) FILTER (WHERE k.is_last) AS last_known
FROM marts.measure_component_value AS m
INNER JOIN kept AS k ON m.return_version_id = k.return_version_id
INNER JOIN marts.dim_measure AS c ON m.measure_id = c.measure_id
INNER JOIN warehouse.dim_area AS d ON m.area_code = d.area_code
WHERE
    (k.is_first OR k.is_last)
    AND m.part = 'numerator'
    AND c.kind = 'count'
    AND d.area_type = 'county'
    AND m.quarter_key BETWEEN %(first)s AND %(last)s
GROUP BY m.measure_id, m.quarter_key
HAVING
    count(DISTINCT m.starts_on) FILTER (WHERE k.is_first) = count(DISTINCT m.starts_on) FILTER (WHERE k.is_last)
    AND count(*) FILTER (WHERE k.is_first) > 0
ORDER BY m.measure_id, m.quarter_key
