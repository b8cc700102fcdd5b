-- Grain: measure, area and quarter whose figure has changed; return version that was loaded.
-- Keys: measure_id, area_code, quarter_key; return_name, source, starts_on, receipt.
-- Why: anyone with copies of our figures or rows asks which to copy again. Both go by when a return was loaded, so that an old return that comes in
-- afterwards is not missed.
CREATE OR REPLACE FUNCTION marts.changes_since(since date)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, change text, numerator_before numeric, numerator_now numeric,
    denominator_before numeric, denominator_now numeric, complete_before boolean, complete_now boolean, submission_ids bigint[], receipts text[]
)
LANGUAGE sql STABLE AS $$
    WITH loaded AS (
        SELECT
            v.return_version_id,
            v.return_name,
            v.source,
            v.period,
            v.known_during,
            q.quarter_key,
            s.submission_id,
            s.receipt,
            s.loaded_at >= changes_since.since::timestamp AT TIME ZONE 'Europe/London' AS is_new
        FROM warehouse.return_version AS v
        INNER JOIN marts.accepted_submission AS s ON v.submission_id = s.submission_id
        INNER JOIN warehouse.dim_quarter AS q ON lower(v.period) BETWEEN q.starts_on AND q.ends_on
    ),

    -- A figure covers a whole quarter: where one month of it is new, its other months are needed too.
    touched AS (
        SELECT
            l.return_version_id,
            l.return_name,
            l.source,
            l.quarter_key,
            l.submission_id,
            l.receipt,
            l.is_new,
            upper_inf(l.known_during) AS is_now,
            bool_or(l.is_new) OVER (PARTITION BY l.return_name, l.source, l.quarter_key) AS is_touched,
            NOT l.is_new AND row_number() OVER (
                PARTITION BY l.return_name, l.source, l.period, l.is_new ORDER BY lower(l.known_during) DESC
            ) = 1 AS is_before
        FROM loaded AS l
    ),

    compared AS (
        SELECT
            m.measure_id,
            m.area_code,
            m.quarter_key,
            nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE t.is_before AND m.part = 'numerator'), 'NaN') AS numerator_before,
            nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE t.is_now AND m.part = 'numerator'), 'NaN') AS numerator_now,
            nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE t.is_before AND m.part = 'denominator'), 'NaN') AS denominator_before,
            nullif(sum(coalesce(m.value, 'NaN')) FILTER (WHERE t.is_now AND m.part = 'denominator'), 'NaN') AS denominator_now,
            count(DISTINCT m.starts_on) FILTER (WHERE t.is_before AND m.part = 'numerator') * m.period_months AS months_before,
            count(DISTINCT m.starts_on) FILTER (WHERE t.is_now AND m.part = 'numerator') * m.period_months AS months_now
        FROM touched AS t
        INNER JOIN marts.measure_component_value AS m ON t.return_version_id = m.return_version_id
        WHERE t.is_touched AND (t.is_before OR t.is_now)
        GROUP BY m.measure_id, m.area_code, m.quarter_key, m.period_months
    ),

    -- Where nothing is counted there is no figure, and so none that is divided by something.
    figure AS (
        SELECT
            c.measure_id,
            c.area_code,
            c.quarter_key,
            c.numerator_before,
            c.numerator_now,
            CASE WHEN c.months_before > 0 THEN c.denominator_before END AS denominator_before,
            CASE WHEN c.months_now > 0 THEN c.denominator_now END AS denominator_now,
            CASE WHEN c.months_before > 0 THEN c.months_before = 3 END AS complete_before,
            CASE WHEN c.months_now > 0 THEN c.months_now = 3 END AS complete_now
        FROM compared AS c
        WHERE c.months_before > 0 OR c.months_now > 0
    )

    SELECT
        f.measure_id,
        f.area_code,
        f.quarter_key,
        CASE
            WHEN f.complete_before IS NULL THEN 'new'
            WHEN f.complete_now IS NULL THEN 'withdrawn'
            WHEN (f.numerator_before, f.denominator_before) IS NOT DISTINCT FROM (f.numerator_now, f.denominator_now) THEN 'completed'
            ELSE 'restated'
        END,
        f.numerator_before,
        f.numerator_now,
        f.denominator_before,
        f.denominator_now,
        f.complete_before,
        f.complete_now,
        b.submission_ids,
        b.receipts
    FROM figure AS f
    INNER JOIN marts.dim_measure AS m ON f.measure_id = m.measure_id
    CROSS JOIN LATERAL (
        SELECT
            array_agg(DISTINCT t.submission_id ORDER BY t.submission_id) AS submission_ids,
            array_agg(DISTINCT t.receipt ORDER BY t.receipt) AS receipts
        FROM touched AS t
        WHERE t.is_new AND t.is_now AND t.return_name = m.return_name AND t.source = m.source AND t.quarter_key = f.quarter_key
    ) AS b
    WHERE (f.numerator_before, f.denominator_before, f.complete_before) IS DISTINCT FROM (f.numerator_now, f.denominator_now, f.complete_now)
    ORDER BY m.sort_order, f.quarter_key, f.area_code
$$;
COMMENT ON FUNCTION marts.changes_since(date) IS
'Figures that this database gives differently since the start of a day (Europe/London): from what to what, and by which submissions.
It goes by when a return was loaded; observation_known_on goes by when it was received';

CREATE OR REPLACE FUNCTION marts.returns_since(since date)
RETURNS TABLE (
    return_name text, source text, quarter_key text, starts_on date, ends_on date, change text, receipt text, replaced_receipt text,
    received_at timestamptz, loaded_at timestamptz, synthetic boolean
)
LANGUAGE sql STABLE AS $$
    WITH version AS (
        SELECT
            v.return_name,
            v.source,
            v.period,
            v.known_during,
            v.synthetic,
            s.receipt,
            s.received_at,
            s.loaded_at,
            lag(s.receipt) OVER (PARTITION BY v.return_name, v.source, v.period ORDER BY lower(v.known_during)) AS replaced_receipt
        FROM warehouse.return_version AS v
        INNER JOIN marts.accepted_submission AS s ON v.submission_id = s.submission_id
    )

    SELECT
        v.return_name,
        v.source,
        q.quarter_key,
        lower(v.period),
        upper(v.period) - 1,
        CASE WHEN NOT upper_inf(v.known_during) THEN 'replaced' WHEN v.replaced_receipt IS NULL THEN 'new' ELSE 'restated' END,
        v.receipt,
        v.replaced_receipt,
        v.received_at,
        v.loaded_at,
        v.synthetic
    FROM version AS v
    INNER JOIN warehouse.dim_quarter AS q ON lower(v.period) BETWEEN q.starts_on AND q.ends_on
    WHERE v.loaded_at >= returns_since.since::timestamp AT TIME ZONE 'Europe/London'
    ORDER BY v.loaded_at, v.return_name, v.source, v.period, v.known_during
$$;
COMMENT ON FUNCTION marts.returns_since(date) IS
'Returns and publications that were loaded since the start of a day (Europe/London), period by period: new, restated (it replaces what
replaced_receipt brought) or replaced (an earlier version of what we have now). Anyone with copies of their rows copies those periods again';
