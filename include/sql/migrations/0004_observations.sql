-- Grain: marts.tally has one row a holding, area, period start and thing counted; marts.observation one a measure, area and quarter.
-- Keys: as the grain says.
-- Why: what is counted in a holding never changes, so it is counted once, at loading; an observation is a sum over the holdings
-- known at a time, and a question about the past costs what a question about today costs.

CREATE TABLE marts.tally (
    holding_id bigint NOT NULL REFERENCES warehouse.holding,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    starts_on date NOT NULL,
    counted text NOT NULL,
    amount numeric NOT NULL,
    PRIMARY KEY (holding_id, counted, area_code, starts_on)
);
COMMENT ON TABLE marts.tally IS 'What each holding counts, by area and month or quarter: the parts of every measure. An explicit 0 where there was none';
COMMENT ON COLUMN marts.tally.holding_id IS 'What we held true, and when';
COMMENT ON COLUMN marts.tally.area_code IS 'Area as reported, not rolled up';
COMMENT ON COLUMN marts.tally.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.tally.counted IS 'What is counted, as the register of measures names it';
COMMENT ON COLUMN marts.tally.amount IS 'How many, or pounds, or days';

CREATE FUNCTION marts.observation_known_on(known_at timestamptz)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, numerator numeric, denominator numeric, complete boolean, made_up boolean, return_name text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        m.measure_id,
        a.area_code,
        q.quarter_key,
        sum(t.amount) FILTER (WHERE t.counted = m.numerator) AS numerator,
        sum(t.amount) FILTER (WHERE t.counted = m.denominator) AS denominator,
        count(DISTINCT t.starts_on) FILTER (WHERE t.counted = m.numerator) * r.period_months = 3 AS complete,
        bool_or(h.made_up) AS made_up,
        m.return_name
    FROM warehouse.holding AS h
    INNER JOIN marts.tally AS t ON h.holding_id = t.holding_id
    INNER JOIN marts.dim_measure AS m
        ON h.return_name = m.return_name AND h.source = m.source AND t.counted IN (m.numerator, m.denominator)
    INNER JOIN warehouse.dim_return AS r ON m.return_name = r.return_name
    INNER JOIN warehouse.area_member AS a
        ON t.area_code = a.member_code AND (m.rolls_up OR a.area_code = a.member_code) AND a.valid @> t.starts_on
    INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code AND (d.source IS NULL OR d.source = m.source)
    INNER JOIN warehouse.dim_quarter AS q
        ON t.starts_on BETWEEN q.starts_on AND q.ends_on AND m.valid && daterange(q.starts_on, q.ends_on, '[]')
    WHERE h.known @> known_at
    GROUP BY m.measure_id, a.area_code, q.quarter_key, r.period_months, m.return_name
    HAVING count(*) FILTER (WHERE t.counted = m.numerator) > 0
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
    made_up,
    return_name
FROM marts.observation_known_on('infinity');
COMMENT ON VIEW marts.observation IS 'Measures by area and quarter as they are known today; no row where the return was not received';
COMMENT ON COLUMN marts.observation.measure_id IS 'Measure';
COMMENT ON COLUMN marts.observation.area_code IS 'District, partnership, county, or where else a row may lie';
COMMENT ON COLUMN marts.observation.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.observation.numerator IS 'The count, total, or part';
COMMENT ON COLUMN marts.observation.denominator IS 'Number or whole by which the numerator is divided; NULL for counts and money';
COMMENT ON COLUMN marts.observation.complete IS 'Whether every month of the quarter is held; what is not complete is not compared';
COMMENT ON COLUMN marts.observation.made_up IS 'Whether any part of it is a made-up sample';
COMMENT ON COLUMN marts.observation.return_name IS 'The return that fed it';
