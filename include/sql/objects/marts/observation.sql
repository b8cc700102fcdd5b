-- Grain: measure, area and quarter.
-- Keys: measure_id, area_code, quarter_key.
-- Why: an observation is a sum over the return versions known at a time, so that a question about the past costs what one about today costs.
-- A part that is withheld counts as NaN, so that no sum of the others passes for the whole.
CREATE OR REPLACE FUNCTION marts.observation_known_at(known_at timestamptz)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, numerator numeric, denominator numeric, complete boolean, synthetic boolean, return_name text,
    missing_reason text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        m.measure_id,
        m.area_code,
        m.quarter_key,
        nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE m.part = 'numerator'), 'NaN') AS numerator,
        nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE m.part = 'denominator'), 'NaN') AS denominator,
        count(DISTINCT m.starts_on) FILTER (WHERE m.part = 'numerator') * m.period_months = 3 AS complete,
        bool_or(m.synthetic) AS synthetic,
        m.return_name,
        CASE WHEN bool_or(m.value IS NULL) THEN 'withheld' END AS missing_reason
    FROM marts.measure_component_value AS m
    WHERE m.known_during @> known_at
    GROUP BY m.measure_id, m.area_code, m.quarter_key, m.period_months, m.return_name
    HAVING count(*) FILTER (WHERE m.part = 'numerator') > 0
$$;
COMMENT ON FUNCTION marts.observation_known_at(timestamptz) IS
'Measures by area and quarter as they were known at a time: 49 sanctuary referrals for 2018/19 in June 2019, 55 in September 2020';

CREATE VIEW marts.observation AS
SELECT
    o.measure_id,
    o.area_code,
    o.quarter_key,
    o.numerator,
    o.denominator,
    o.complete,
    o.synthetic,
    o.return_name,
    o.missing_reason
FROM marts.observation_known_at('infinity') AS o;
COMMENT ON VIEW marts.observation IS 'Measures by area and quarter as they are known today; no row where the return was not received';
COMMENT ON COLUMN marts.observation.measure_id IS 'Measure';
COMMENT ON COLUMN marts.observation.area_code IS 'District, partnership, county, or where else a row may be';
COMMENT ON COLUMN marts.observation.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.observation.numerator IS 'The count, total, or part; NULL where the sender withheld a part of it';
COMMENT ON COLUMN marts.observation.denominator IS
'Number or whole by which the numerator is divided; NULL for counts and money, and where the sender withheld a part of it';
COMMENT ON COLUMN marts.observation.complete IS 'Whether we have every month of the quarter; what is not complete is not compared';
COMMENT ON COLUMN marts.observation.synthetic IS 'Whether any part of it is a made-up sample';
COMMENT ON COLUMN marts.observation.return_name IS 'The return that fed it';
COMMENT ON COLUMN marts.observation.missing_reason IS 'withheld where the sender withheld a part of the numerator or denominator, else NULL';
