-- Grain: return version, component, area and month or quarter.
-- Keys: return_version_id, component, area_code, starts_on.
-- Why: the same questions as about every fact (sia.warehouse.version_views): what is true today, and what was known at a time.
CREATE VIEW marts.component_total_today AS
SELECT
    t.return_version_id,
    t.area_code,
    t.starts_on,
    t.component,
    t.value,
    v.return_name,
    v.source,
    v.submission_id,
    v.period,
    q.quarter_key,
    v.known_during,
    v.synthetic
FROM warehouse.return_version AS v
INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', lower(v.period)::timestamp)::date = q.starts_on
INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
WHERE upper_inf(v.known_during);
COMMENT ON VIEW marts.component_total_today IS
'As it is known today. What each return version counts, by area and month or quarter; 0 where it has none';
COMMENT ON COLUMN marts.component_total_today.return_version_id IS 'Return version that it belongs to';
COMMENT ON COLUMN marts.component_total_today.area_code IS 'Area as reported, not rolled up';
COMMENT ON COLUMN marts.component_total_today.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.component_total_today.component IS 'Component of the return, as the register of measures names it';
COMMENT ON COLUMN marts.component_total_today.value IS 'How many, or pounds, or days; NULL where the sender withheld a part of it';
COMMENT ON COLUMN marts.component_total_today.return_name IS 'Which return';
COMMENT ON COLUMN marts.component_total_today.source IS 'Who sent it';
COMMENT ON COLUMN marts.component_total_today.submission_id IS 'The submission that it came with';
COMMENT ON COLUMN marts.component_total_today.period IS 'The days that it is about: a quarter or a month';
COMMENT ON COLUMN marts.component_total_today.quarter_key IS 'Financial quarter of the period';
COMMENT ON COLUMN marts.component_total_today.known_during IS 'From when until when we held it true; without an end for today';
COMMENT ON COLUMN marts.component_total_today.synthetic IS 'Whether it is a made-up sample';

CREATE OR REPLACE FUNCTION marts.component_total_known_at(known_at timestamptz)
RETURNS TABLE (
    return_version_id bigint, area_code text, starts_on date, component text, value numeric, return_name text, source text, submission_id bigint,
    period daterange, quarter_key text, known_during tstzrange, synthetic boolean
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        t.return_version_id,
        t.area_code,
        t.starts_on,
        t.component,
        t.value,
        v.return_name,
        v.source,
        v.submission_id,
        v.period,
        q.quarter_key,
        v.known_during,
        v.synthetic
    FROM warehouse.return_version AS v
    INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', lower(v.period)::timestamp)::date = q.starts_on
    INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
    WHERE v.known_during @> known_at
$$;
COMMENT ON FUNCTION marts.component_total_known_at(timestamptz) IS
'As it was known at a time. What each return version counts, by area and month or quarter; 0 where it has none';
