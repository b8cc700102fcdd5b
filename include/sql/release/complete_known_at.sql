-- Grain: measure, area and quarter, that was complete at a time.
-- Keys: measure_id, area_code, quarter_key.
-- Why: what was published is compared with what was known when it was published.
SELECT
    measure_id,
    area_code,
    quarter_key,
    numerator,
    denominator
FROM marts.observation_known_at(%(known_at)s)
WHERE complete
