-- Grain: measure, area and month, for the returns that count by month.
-- Keys: measure_id, area_code, starts_on.
-- Why: a direction of travel rests on months where there are months; read and rolled up as marts.observation_known_at does quarters.
SELECT
    measure_id,
    area_code,
    starts_on,
    sum(value) FILTER (WHERE part = 'numerator') AS numerator,
    sum(value) FILTER (WHERE part = 'denominator') AS denominator,
    bool_or(synthetic) AS synthetic
FROM marts.measure_component_value
WHERE
    known_during @> %(known_at)s::timestamptz
    AND period_months = 1
    AND quarter_key BETWEEN %(first)s AND %(last)s
GROUP BY measure_id, area_code, starts_on
HAVING count(*) FILTER (WHERE part = 'numerator') > 0
ORDER BY measure_id, area_code, starts_on
