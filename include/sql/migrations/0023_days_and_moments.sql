-- Grain: as before; every question of the past takes a day or a moment. What was loaded: one row a return, period and submission.
-- Keys: as before; of what was loaded, holding by holding.
-- Why: who asks what was known on a day means the whole day, and a date that is taken for a moment is its first, which misses what came on
-- that day. So what takes a moment is called known_at, and known_on takes a day, whatever the clock of whoever asks.

CREATE FUNCTION marts.end_of_day(day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (day + time '23:59:59.999999') AT TIME ZONE 'Europe/London' $$;
COMMENT ON FUNCTION marts.end_of_day(date) IS 'The last moment of a day in London';

DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT p.oid::regprocedure AS name, regexp_replace(p.proname, '_on$', '_at') AS at
        FROM pg_proc AS p
        WHERE p.pronamespace IN ('warehouse'::regnamespace, 'marts'::regnamespace) AND p.proname ~ '_known_on$'
    LOOP
        EXECUTE format('ALTER FUNCTION %s RENAME TO %I', one.name, one.at);
    END LOOP;
    -- A function of SQL keeps its text, and with it the names that it calls.
    FOR one IN
        SELECT p.oid
        FROM pg_proc AS p
        WHERE p.pronamespace = 'marts'::regnamespace AND p.prosrc ~ '_known_on\('
    LOOP
        EXECUTE replace(pg_get_functiondef(one.oid), '_known_on(', '_known_at(');
    END LOOP;
END
$$;

CREATE FUNCTION warehouse.create_day_function(asked regproc) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := (SELECT pronamespace::regnamespace::text FROM pg_proc WHERE oid = asked);
    name text := (SELECT proname FROM pg_proc WHERE oid = asked);
    known_on text := format('%I.%I', place, regexp_replace(name, '_at$', '_on'));
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s(day date) RETURNS %s LANGUAGE sql STABLE PARALLEL SAFE AS %L',
        known_on, pg_get_function_result(asked), format('SELECT k.* FROM %I.%I(marts.end_of_day(day)) AS k', place, name)
    );
    EXECUTE format(
        'COMMENT ON FUNCTION %s(date) IS %L', known_on, 'By the end of a day (Europe/London). ' || obj_description(asked, 'pg_proc')
    );
END
$$;
COMMENT ON FUNCTION warehouse.create_day_function(regproc) IS 'Makes, for a function <what>_known_at(timestamptz), the function <what>_known_on(date)';

-- As before, with both readings of the past.
CREATE OR REPLACE FUNCTION warehouse.create_version_views(fact regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = fact);
    name text := (SELECT relname FROM pg_class WHERE oid = fact);
    today text := format('%I.%I', place, name || '_today');
    known_at text := format('%I.%I', place, name || '_known_at');
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
        known_at, today, facts || 'WHERE h.known_during @> known_at'
    );
    EXECUTE format('COMMENT ON VIEW %s IS %L', today, 'Today''s truth. ' || about);
    EXECUTE format('COMMENT ON FUNCTION %s(timestamptz) IS %L', known_at, 'What was known at a time. ' || about);
    PERFORM warehouse.create_day_function(known_at::regproc);
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
'Makes, for a table of facts with a return_version_id, the view <fact>_today and the functions <fact>_known_at(timestamptz) and
<fact>_known_on(date), with their comments';

SELECT warehouse.create_day_function(p.oid::regproc)
FROM pg_proc AS p
WHERE p.pronamespace IN ('warehouse'::regnamespace, 'marts'::regnamespace) AND p.proname ~ '_known_at$';

-- Two quarters on one day would be two truths of every figure.
ALTER TABLE warehouse.dim_quarter ADD EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&);

-- Persons and per cent say so.
ALTER VIEW marts.population_by_publication RENAME COLUMN revised_by TO revised_by_persons;
ALTER VIEW marts.return_quality RENAME COLUMN first_score TO first_score_percent;
ALTER VIEW marts.return_quality RENAME COLUMN newest_score TO newest_score_percent;
COMMENT ON COLUMN marts.return_quality.first_score_percent IS
'Rows of the first attempt with nothing that must be fixed, in per cent: the data quality score of the return';
COMMENT ON COLUMN marts.return_quality.newest_score_percent IS 'Rows of the newest attempt with nothing that must be fixed, in per cent';

CREATE FUNCTION marts.returns_since(since date)
RETURNS TABLE (
    return_name text, source text, quarter_key text, starts_on date, ends_on date, change text, receipt text, replaced_receipt text,
    received_at timestamptz, loaded_at timestamptz, synthetic boolean
)
LANGUAGE sql STABLE AS $$
    WITH held AS (
        SELECT
            h.return_name,
            h.source,
            h.period,
            h.known_during,
            h.synthetic,
            s.receipt,
            s.received_at,
            s.loaded_at,
            lag(s.receipt) OVER (PARTITION BY h.return_name, h.source, h.period ORDER BY lower(h.known_during)) AS replaced_receipt
        FROM warehouse.return_version AS h
        INNER JOIN marts.accepted_submission AS s ON h.submission_id = s.submission_id
    )

    SELECT
        h.return_name,
        h.source,
        q.quarter_key,
        lower(h.period),
        upper(h.period) - 1,
        CASE WHEN NOT upper_inf(h.known_during) THEN 'replaced since' WHEN h.replaced_receipt IS NULL THEN 'new' ELSE 'restated' END,
        h.receipt,
        h.replaced_receipt,
        h.received_at,
        h.loaded_at,
        h.synthetic
    FROM held AS h
    INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on
    WHERE h.loaded_at >= returns_since.since::timestamp AT TIME ZONE 'Europe/London'
    ORDER BY h.loaded_at, h.return_name, h.source, h.period, h.known_during
$$;
COMMENT ON FUNCTION marts.returns_since(date) IS
'Returns and publications that were loaded since the start of a day (Europe/London), period by period: new, restated (it replaces what
replaced_receipt brought) or replaced since (an earlier version of what is held). Whoever keeps rows of theirs takes those periods again';
