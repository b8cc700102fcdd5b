-- Grain: marts.component_total has one row a holding, area, period start and thing counted; marts.observation one a measure, area and quarter.
-- Keys: as the grain says.
-- Why: what is counted in a holding never changes, so it is counted once, at loading; an observation is a sum over the holdings
-- known at a time, and a question about the past costs what a question about today costs.

CREATE TABLE marts.component_total (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    starts_on date NOT NULL,
    component text NOT NULL,
    amount numeric NOT NULL,
    PRIMARY KEY (return_version_id, component, area_code, starts_on)
);
COMMENT ON TABLE marts.component_total IS 'What each return version counts, by area and month or quarter. 0 where it counted none';
COMMENT ON COLUMN marts.component_total.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN marts.component_total.area_code IS 'Area as reported, not rolled up';
COMMENT ON COLUMN marts.component_total.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.component_total.component IS 'What is counted, as the register of measures names it';
COMMENT ON COLUMN marts.component_total.amount IS 'How many, or pounds, or days';

CREATE FUNCTION marts.observation_known_on(known_at timestamptz)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, numerator numeric, denominator numeric, complete boolean, synthetic boolean, return_name text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        m.measure_id,
        a.area_code,
        q.quarter_key,
        sum(t.amount) FILTER (WHERE t.component = m.numerator) AS numerator,
        sum(t.amount) FILTER (WHERE t.component = m.denominator) AS denominator,
        count(DISTINCT t.starts_on) FILTER (WHERE t.component = m.numerator) * r.period_months = 3 AS complete,
        bool_or(h.synthetic) AS synthetic,
        m.return_name
    FROM warehouse.return_version AS h
    INNER JOIN marts.component_total AS t ON h.return_version_id = t.return_version_id
    INNER JOIN marts.dim_measure AS m
        ON h.return_name = m.return_name AND h.source = m.source AND t.component IN (m.numerator, m.denominator)
    INNER JOIN warehouse.dim_return AS r ON m.return_name = r.return_name
    INNER JOIN warehouse.area_member AS a
        ON t.area_code = a.member_code AND (m.aggregates_up OR a.area_code = a.member_code) AND a.valid @> t.starts_on
    INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code AND (d.source IS NULL OR d.source = m.source)
    INNER JOIN warehouse.dim_quarter AS q
        ON t.starts_on BETWEEN q.starts_on AND q.ends_on AND m.valid && daterange(q.starts_on, q.ends_on, '[]')
    WHERE h.known_during @> known_at
    GROUP BY m.measure_id, a.area_code, q.quarter_key, r.period_months, m.return_name
    HAVING count(*) FILTER (WHERE t.component = m.numerator) > 0
$$;
COMMENT ON FUNCTION marts.observation_known_on(timestamptz) IS
'Measures by area and quarter as they were known at a time: 49 sanctuary referrals for 2018/19 in June 2019, 55 in September 2020';

CREATE VIEW marts.observation AS
SELECT
    measure_id,
    area_code,
    quarter_key,
    numerator,
    denominator,
    complete,
    synthetic,
    return_name
FROM marts.observation_known_on('infinity');
COMMENT ON VIEW marts.observation IS 'Measures by area and quarter as they are known today; no row where the return was not received';
COMMENT ON COLUMN marts.observation.measure_id IS 'Measure';
COMMENT ON COLUMN marts.observation.area_code IS 'District, partnership, county, or where else a row may lie';
COMMENT ON COLUMN marts.observation.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.observation.numerator IS 'The count, total, or part';
COMMENT ON COLUMN marts.observation.denominator IS 'Number or whole by which the numerator is divided; NULL for counts and money';
COMMENT ON COLUMN marts.observation.complete IS 'Whether every month of the quarter is held; what is not complete is not compared';
COMMENT ON COLUMN marts.observation.synthetic IS 'Whether any part of it is a made-up sample';
COMMENT ON COLUMN marts.observation.return_name IS 'The return that fed it';
