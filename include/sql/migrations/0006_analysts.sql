-- Grain: for each fact a view of today's truth and a function of what was known at a time, with the period of each row; for measures
-- one row a holding, measure, area, part and month or quarter.
-- Keys: those of the fact or tally.
-- Why: the same two questions of every fact, what is true and what was known; and one reading of what a measure is made of.

COMMENT ON TABLE public.migration IS 'Migrations that were applied to this database';
COMMENT ON COLUMN public.migration.name IS 'Name of the file in include/sql/migrations';
COMMENT ON COLUMN public.migration.content_hash IS 'SHA-256 of the file: a migration is never changed once it was applied';
COMMENT ON COLUMN public.migration.applied_at IS 'When it was applied';

-- History: the same two questions of every fact.

CREATE FUNCTION warehouse.create_version_views(fact regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = fact);
    name text := (SELECT relname FROM pg_class WHERE oid = fact);
    today text := format('%I.%I', place, name || '_today');
    known_on text := format('%I.%I', place, name || '_known_on');
    about text := obj_description(fact, 'pg_class');
    columns text := (
        SELECT string_agg(format('f.%I', attname), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = fact AND attnum > 0 AND NOT attisdropped
    );
    facts text := format(
        'SELECT %s, h.return_name, h.source, h.submission_id, h.period, q.quarter_key, h.known_during, h.synthetic '
        'FROM %s AS f INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id '
        'INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on ',
        columns, fact
    );
    words record;
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %s AS %s WHERE upper_inf(h.known_during)', today, facts);
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s(known_at timestamptz) RETURNS SETOF %s LANGUAGE sql STABLE PARALLEL SAFE AS %L',
        known_on, today, facts || 'WHERE h.known_during @> known_at'
    );
    EXECUTE format('COMMENT ON VIEW %s IS %L', today, 'Today''s truth. ' || about);
    EXECUTE format('COMMENT ON FUNCTION %s(timestamptz) IS %L', known_on, 'What was known at a time. ' || about);
    FOR words IN
        SELECT a.attname AS name, col_description(a.attrelid, a.attnum) AS message
        FROM pg_attribute AS a WHERE a.attrelid = fact AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT a.attname, col_description(a.attrelid, a.attnum)
        FROM pg_attribute AS a
        WHERE a.attrelid = 'warehouse.return_version'::regclass
            AND a.attname IN ('return_name', 'source', 'submission_id', 'period', 'known_during', 'synthetic')
        UNION ALL
        SELECT 'quarter_key', 'Financial quarter in which the period lies'
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', today, words.name, words.message);
    END LOOP;
END
$$;
COMMENT ON FUNCTION warehouse.create_version_views(regclass) IS
'Makes, for a table of facts with a return_version_id, the view <fact>_today and the function <fact>_known_on(timestamptz), with its comments';

SELECT warehouse.create_version_views(fact::regclass)
FROM unnest(ARRAY[
    'warehouse.tvp_count', 'warehouse.tvp_crime', 'warehouse.odas_contact', 'warehouse.odas_service', 'warehouse.mediation_case',
    'warehouse.mediation_funding', 'warehouse.sanctuary_job', 'warehouse.sanctuary_camera', 'warehouse.indicator', 'marts.component_total'
]) AS fact;

-- Observations: one reading of what a measure is made of, for those known at a time, those of any set of holdings, and the trace.

CREATE VIEW marts.measure_component AS
SELECT
    m.measure_id,
    m.return_name,
    m.source,
    m.aggregates_up,
    m.valid,
    p.part,
    p.component
FROM marts.dim_measure AS m
CROSS JOIN LATERAL (VALUES ('numerator', m.numerator), ('denominator', m.denominator)) AS p (part, component)
WHERE p.component IS NOT NULL;
COMMENT ON VIEW marts.measure_component IS 'What a measure is made of: one row a measure and part';
COMMENT ON COLUMN marts.measure_component.measure_id IS 'Measure';
COMMENT ON COLUMN marts.measure_component.return_name IS 'The one return that feeds it';
COMMENT ON COLUMN marts.measure_component.source IS 'Who sends the figures';
COMMENT ON COLUMN marts.measure_component.aggregates_up IS 'Whether districts are added up to partnership and county';
COMMENT ON COLUMN marts.measure_component.valid IS 'The days on which the measure is defined';
COMMENT ON COLUMN marts.measure_component.part IS 'numerator or denominator';
COMMENT ON COLUMN marts.measure_component.component IS 'What marts.component_total calls it';

-- The planner takes a range that is compared with a column to be nearly never true, expects no rows and loops over what it then
-- finds; it makes no such guess about coalesce. Financial quarters are calendar quarters, so that a day finds its own by equality.
CREATE VIEW marts.measure_component_value AS
SELECT
    p.measure_id,
    a.area_code,
    q.quarter_key,
    p.part,
    t.area_code AS member_code,
    t.starts_on,
    t.component,
    t.amount,
    h.return_version_id,
    h.known_during,
    h.synthetic,
    p.return_name,
    r.period_months
FROM warehouse.return_version AS h
INNER JOIN marts.component_total AS t ON h.return_version_id = t.return_version_id
INNER JOIN marts.measure_component AS p ON h.return_name = p.return_name AND h.source = p.source AND t.component = p.component
INNER JOIN warehouse.dim_return AS r ON p.return_name = r.return_name
INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', t.starts_on::timestamp)::date = q.starts_on
INNER JOIN warehouse.area_member AS a ON t.area_code = a.member_code
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
WHERE
    (p.aggregates_up OR a.area_code = a.member_code)
    AND (d.source IS NULL OR d.source = p.source)
    AND coalesce(a.valid @> t.starts_on, FALSE)
    AND coalesce(p.valid && daterange(q.starts_on, q.ends_on, '[]'), FALSE);
COMMENT ON VIEW marts.measure_component_value IS
'What every holding adds to every measure, by area, part, month or quarter, and member of the area.
Only the holdings that were known at one time may be added up';
COMMENT ON COLUMN marts.measure_component_value.measure_id IS 'Measure';
COMMENT ON COLUMN marts.measure_component_value.area_code IS 'Area of the figure: district, partnership, county, or where else a row may lie';
COMMENT ON COLUMN marts.measure_component_value.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.measure_component_value.part IS 'numerator or denominator';
COMMENT ON COLUMN marts.measure_component_value.member_code IS 'Area as reported, a part of the area or the area itself';
COMMENT ON COLUMN marts.measure_component_value.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.measure_component_value.component IS 'What is counted, as the register of measures names it';
COMMENT ON COLUMN marts.measure_component_value.amount IS 'How many, or pounds, or days';
COMMENT ON COLUMN marts.measure_component_value.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN marts.measure_component_value.known_during IS 'From when until when we held it true';
COMMENT ON COLUMN marts.measure_component_value.synthetic IS 'Whether it is a made-up sample';
COMMENT ON COLUMN marts.measure_component_value.return_name IS 'The return that it came with';
COMMENT ON COLUMN marts.measure_component_value.period_months IS 'Months that one row covers: 3 for a quarter, 1 where the source counts by month';

CREATE OR REPLACE FUNCTION marts.observation_known_on(known_at timestamptz)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, numerator numeric, denominator numeric, complete boolean, synthetic boolean, return_name text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        m.measure_id,
        m.area_code,
        m.quarter_key,
        sum(m.amount) FILTER (WHERE m.part = 'numerator') AS numerator,
        sum(m.amount) FILTER (WHERE m.part = 'denominator') AS denominator,
        count(DISTINCT m.starts_on) FILTER (WHERE m.part = 'numerator') * m.period_months = 3 AS complete,
        bool_or(m.synthetic) AS synthetic,
        m.return_name
    FROM marts.measure_component_value AS m
    WHERE m.known_during @> known_at
    GROUP BY m.measure_id, m.area_code, m.quarter_key, m.period_months, m.return_name
    HAVING count(*) FILTER (WHERE m.part = 'numerator') > 0
$$;

CREATE FUNCTION marts.observation_of(holdings bigint[])
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, numerator numeric, denominator numeric, complete boolean, synthetic boolean, return_name text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        m.measure_id,
        m.area_code,
        m.quarter_key,
        sum(m.amount) FILTER (WHERE m.part = 'numerator') AS numerator,
        sum(m.amount) FILTER (WHERE m.part = 'denominator') AS denominator,
        count(DISTINCT m.starts_on) FILTER (WHERE m.part = 'numerator') * m.period_months = 3 AS complete,
        bool_or(m.synthetic) AS synthetic,
        m.return_name
    FROM marts.measure_component_value AS m
    WHERE m.return_version_id = ANY(holdings)
    GROUP BY m.measure_id, m.area_code, m.quarter_key, m.period_months, m.return_name
    HAVING count(*) FILTER (WHERE m.part = 'numerator') > 0
$$;
COMMENT ON FUNCTION marts.observation_of(bigint[]) IS 'Measures by area and quarter as a set of holdings gives them';
