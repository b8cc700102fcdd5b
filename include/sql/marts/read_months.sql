-- Grain: measure, area and month, for the returns that count by month.
-- Keys: measure_id, area_code, starts_on.
-- Why: a direction of travel rests on months where there are months; read and rolled up as marts.observation_known_at does quarters.
SELECT
    measure_id,
    area_code,
    starts_on,
    nullif(sum(coalesce(value, 'NaN')) FILTER (WHERE part = 'numerator'), 'NaN') AS numerator,
    nullif(sum(coalesce(value, 'NaN')) FILTER (WHERE part = 'denominator'), 'NaN') AS denominator,
    bool_or(synthetic) AS synthetic,
    CASE WHEN bool_or(value IS NULL) THEN 'withheld' END AS missing_reason
FROM marts.measure_component_value
WHERE
    known_during @> %(known_at)s::timestamptz
    AND period_months = 1
    AND quarter_key BETWEEN %(first)s AND %(last)s
GROUP BY measure_id, area_code, starts_on
HAVING count(*) FILTER (WHERE part = 'numerator') > 0
ORDER BY measure_id, area_code, starts_on
