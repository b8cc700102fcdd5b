-- Grain: measure, area and quarter.
-- Keys: measure_id, area_code, quarter_key.
-- Why: what a scorecard compares, as it was known at a time; quarter keys sort in the order of time.
SELECT
    measure_id,
    area_code,
    quarter_key,
    numerator,
    denominator,
    complete,
    synthetic,
    missing_reason
FROM marts.observation_known_at(%(known_at)s)
WHERE quarter_key BETWEEN %(first)s AND %(last)s
ORDER BY measure_id, area_code, quarter_key
