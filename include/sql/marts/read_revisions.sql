-- Grain: measure of counts and quarter, for the county.
-- Keys: measure_id, quarter_key.
-- Why: how much a figure is typically revised after it was first known, from our own return versions: what the first version of each
-- period counted, and what the version that was current at a time counted. Only quarters with the same months both times, and nothing withheld.
WITH known AS (
    SELECT
        return_version_id,
        known_during @> %(known_at)s::timestamptz AS is_last,
        row_number() OVER (PARTITION BY return_name, source, period ORDER BY lower(known_during)) = 1 AS is_first
    FROM warehouse.return_version
    WHERE lower(known_during) <= %(known_at)s::timestamptz
),

-- Asked for each row, not joined: the planner expects one row of the view and would loop over all versions for each that comes.
totals AS (
    SELECT
        m.measure_id,
        m.quarter_key,
        m.starts_on,
        m.value,
        m.return_version_id IN (SELECT k.return_version_id FROM known AS k WHERE k.is_first) AS is_first,
        m.return_version_id IN (SELECT k.return_version_id FROM known AS k WHERE k.is_last) AS is_last
    FROM marts.measure_component_value AS m
    INNER JOIN marts.dim_measure AS c ON m.measure_id = c.measure_id
    INNER JOIN warehouse.dim_area AS d ON m.area_code = d.area_code
    WHERE
        m.part = 'numerator'
        AND c.kind = 'count'
        AND d.area_type = 'county'
        AND m.quarter_key BETWEEN %(first)s AND %(last)s
)

SELECT
    measure_id,
    quarter_key,
    sum(value) FILTER (WHERE is_first) AS first_known,
    sum(value) FILTER (WHERE is_last) AS last_known
FROM totals
GROUP BY measure_id, quarter_key
HAVING
    count(*) = count(value)
    AND count(DISTINCT starts_on) FILTER (WHERE is_first) = count(DISTINCT starts_on) FILTER (WHERE is_last)
    AND count(*) FILTER (WHERE is_first) > 0
ORDER BY measure_id, quarter_key
