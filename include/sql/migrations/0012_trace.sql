-- Grain: one row a row of a return, area and thing counted; for a figure one row a part, submission, table and sheet; a changed figure.
-- Keys: as the grain says.
-- Why: from any figure a way leads to the rows that made it, without a right to read them, and to what changed it.

CREATE VIEW warehouse.component_row AS
SELECT
    f.return_version_id,
    'counts' AS table_name,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.component,
    f.records::numeric AS amount
FROM warehouse.tvp_count AS f
UNION ALL
SELECT
    f.return_version_id,
    'street' AS table_name,
    f.row_number,
    f.area_code,
    f.month_starts_on,
    n.component,
    1 AS amount
FROM warehouse.tvp_crime AS f
CROSS JOIN
    LATERAL (
        VALUES
        (f.offence_code),
        ('all_records'),
        (CASE WHEN f.offence_code <> 'anti_social_behaviour' THEN 'all_crime' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'contacts' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    CASE f.category WHEN 'all' THEN f.contact_type ELSE f.contact_type || ':' || f.category END AS component,
    f.contacts AS amount
FROM warehouse.odas_contact AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'services' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    f.service AS component,
    f.clients AS amount
FROM warehouse.odas_service AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'cases' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    n.component,
    n.amount
FROM warehouse.mediation_case AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('offered', 1),
        ('referred', CASE WHEN f.referred THEN 1 END),
        ('mediator_input', CASE WHEN f.mediator_input THEN 1 END),
        ('agreement', CASE WHEN f.agreement THEN 1 END),
        ('further_incidents', CASE WHEN f.further_incidents THEN 1 END),
        ('fee', f.fee)
    ) AS n (component, amount)
WHERE n.amount IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'funding' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    'funding' AS component,
    f.amount
FROM warehouse.mediation_funding AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'jobs' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    n.component,
    n.amount
FROM warehouse.sanctuary_job AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('referrals', CASE WHEN h.period @> f.referred_on THEN 1 END),
        ('secured', CASE WHEN f.secured AND h.period @> f.completed_on THEN 1 END),
        ('works_cost', CASE WHEN f.secured AND h.period @> f.completed_on THEN f.works_cost END),
        ('days_to_complete', CASE WHEN f.secured AND h.period @> f.completed_on THEN f.completed_on - f.referred_on END),
        ('secured:' || f.reason, CASE WHEN f.secured AND h.period @> f.completed_on AND f.reason <> 'other' THEN 1 END),
        ('works_cost:' || f.reason, CASE WHEN f.secured AND h.period @> f.completed_on AND f.reason <> 'other' THEN f.works_cost END)
    ) AS n (component, amount)
WHERE n.amount IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'cameras' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    n.component,
    1 AS amount
FROM warehouse.sanctuary_camera AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.event),
        (CASE WHEN f.event = 'installed' THEN 'installed:' || f.camera_type END),
        (CASE WHEN f.event = 'installed' AND f.reason = 'domestic_abuse' THEN 'installed:domestic_abuse' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'indicators' AS table_name,
    f.row_number,
    f.area_code,
    lower(h.period) AS starts_on,
    n.component,
    n.amount
FROM warehouse.indicator AS f
INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.indicator, f.numerator),
        (f.indicator || ':of', f.denominator)
    ) AS n (component, amount)
WHERE n.amount IS NOT NULL;
COMMENT ON VIEW warehouse.component_row IS
'What each row of a return adds to what marts.component_total counts: one row a row of the return, area and thing counted; the other way to every tally';
COMMENT ON COLUMN warehouse.component_row.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.component_row.table_name IS 'The contract''s table';
COMMENT ON COLUMN warehouse.component_row.row_number IS 'Row of the sheet, line of the file, or running number within an archive';
COMMENT ON COLUMN warehouse.component_row.area_code IS 'Area as reported';
COMMENT ON COLUMN warehouse.component_row.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN warehouse.component_row.component IS 'What is counted, as the register of measures names it';
COMMENT ON COLUMN warehouse.component_row.amount IS 'What the row adds: how many, or pounds, or days';

CREATE VIEW marts.accepted_submission AS
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    s.source,
    s.quarter_key,
    s.received_at,
    s.decided_at AS loaded_at,
    s.synthetic
FROM intake.submission AS s
WHERE s.status = 'accepted';
COMMENT ON VIEW marts.accepted_submission IS 'The submissions on which figures rest, without their files';
COMMENT ON COLUMN marts.accepted_submission.submission_id IS 'Number of the submission';
COMMENT ON COLUMN marts.accepted_submission.receipt IS 'Receipt number that the partner holds';
COMMENT ON COLUMN marts.accepted_submission.return_name IS 'Which return';
COMMENT ON COLUMN marts.accepted_submission.source IS 'Who sent it';
COMMENT ON COLUMN marts.accepted_submission.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN marts.accepted_submission.received_at IS 'When we received it: the start of what we then knew';
COMMENT ON COLUMN marts.accepted_submission.loaded_at IS
'When its figures came into this database; later than received_at where old returns are loaded afterwards';
COMMENT ON COLUMN marts.accepted_submission.synthetic IS 'Whether it is a sample with made-up figures';

-- The owner's rights and no wider path: whoever may call it learns row numbers, and needs no right to read the rows.
CREATE FUNCTION marts.trace(measure text, area text, quarter text, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    part text, submission_id bigint, receipt text, source_name text, file_name text, received_at timestamptz, period daterange,
    table_name text, sheet text, rows int8multirange, row_count bigint, amount numeric, rules_checked text[], warnings bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH tallied AS (
        SELECT
            m.part,
            m.return_version_id,
            m.component,
            m.member_code AS area_code,
            m.starts_on,
            m.amount
        FROM marts.measure_component_value AS m
        WHERE m.measure_id = trace.measure AND m.area_code = trace.area AND m.quarter_key = trace.quarter AND m.known_during @> trace.known_at
    ),

    held AS (
        SELECT t.part, t.return_version_id, sum(t.amount) AS amount FROM tallied AS t GROUP BY t.part, t.return_version_id
    ),

    traced AS (
        SELECT
            t.part,
            t.return_version_id,
            c.table_name,
            f.sheet,
            range_agg(int8range(c.row_number + coalesce(f.line_offset, 0), c.row_number + coalesce(f.line_offset, 0), '[]')) AS rows,
            count(DISTINCT c.row_number) AS row_count,
            sum(c.amount) AS amount
        FROM tallied AS t
        INNER JOIN warehouse.return_version AS h ON t.return_version_id = h.return_version_id
        INNER JOIN warehouse.component_row AS c
            ON t.return_version_id = c.return_version_id AND t.component = c.component AND t.area_code = c.area_code AND t.starts_on = c.starts_on
        LEFT JOIN intake.staged_file AS f
            ON h.submission_id = f.submission_id AND c.table_name = f.table_name AND c.row_number BETWEEN f.first_row AND f.last_row
        GROUP BY t.part, t.return_version_id, c.table_name, f.sheet
    )

    SELECT
        held.part,
        s.submission_id,
        s.receipt,
        d.source_name,
        s.file_name,
        s.received_at,
        h.period,
        traced.table_name,
        traced.sheet,
        coalesce(traced.rows, '{}'),
        coalesce(traced.row_count, 0),
        coalesce(traced.amount, held.amount),
        ARRAY(
            SELECT r.rule_id
            FROM quality.rule AS r
            WHERE r.return_name IS NULL OR (r.return_name = h.return_name AND coalesce(r.table_name = traced.table_name, true))
            ORDER BY r.tier, r.rule_id
        ),
        (SELECT count(*) FROM quality.finding AS f WHERE f.submission_id = s.submission_id)
    FROM held
    INNER JOIN warehouse.return_version AS h ON held.return_version_id = h.return_version_id
    INNER JOIN intake.submission AS s ON h.submission_id = s.submission_id
    INNER JOIN warehouse.dim_source AS d ON s.source = d.source
    LEFT JOIN traced ON held.part = traced.part AND held.return_version_id = traced.return_version_id
    ORDER BY held.part DESC, h.period, traced.table_name, traced.sheet
$$;
COMMENT ON FUNCTION marts.trace(text, text, text, timestamptz) IS
'From a figure (measure, area, quarter) to the submissions, sheets and rows that made it and the rules that they passed,
today or as known at a time. Row numbers only, never a value of a row';

CREATE FUNCTION marts.changes_since(since date)
RETURNS TABLE (
    measure_id text, area_code text, quarter_key text, change text, numerator_before numeric, numerator_now numeric,
    denominator_before numeric, denominator_now numeric, complete_before boolean, complete_now boolean, submission_ids bigint[], receipts text[]
)
LANGUAGE sql STABLE AS $$
    WITH loaded AS (
        SELECT
            h.return_version_id,
            h.return_name,
            h.source,
            h.period,
            h.known_during,
            q.quarter_key,
            s.submission_id,
            s.receipt,
            s.loaded_at >= changes_since.since::timestamp AT TIME ZONE 'Europe/London' AS new
        FROM warehouse.return_version AS h
        INNER JOIN marts.accepted_submission AS s ON h.submission_id = s.submission_id
        INNER JOIN warehouse.dim_quarter AS q ON lower(h.period) BETWEEN q.starts_on AND q.ends_on
    ),

    -- A figure is of a whole quarter: where one month of it is new, its other months are needed too.
    touched AS (
        SELECT
            l.*,
            bool_or(l.new) OVER (PARTITION BY l.return_name, l.source, l.quarter_key) AS is_touched
        FROM loaded AS l
    ),

    before AS (
        SELECT o.*
        FROM marts.observation_of(ARRAY(
            SELECT DISTINCT ON (t.return_name, t.source, t.period) t.return_version_id
            FROM touched AS t
            WHERE t.is_touched AND NOT t.new
            ORDER BY t.return_name, t.source, t.period, lower(t.known_during) DESC
        )) AS o
    ),

    now AS (
        SELECT o.*
        FROM marts.observation_of(ARRAY(SELECT t.return_version_id FROM touched AS t WHERE t.is_touched AND upper_inf(t.known_during))) AS o
    )

    SELECT
        measure_id,
        area_code,
        quarter_key,
        CASE
            WHEN before.numerator IS NULL THEN 'new'
            WHEN now.numerator IS NULL THEN 'withdrawn'
            WHEN (before.numerator, before.denominator) IS NOT DISTINCT FROM (now.numerator, now.denominator) THEN 'completed'
            ELSE 'restated'
        END,
        before.numerator,
        now.numerator,
        before.denominator,
        now.denominator,
        before.complete,
        now.complete,
        by.submission_ids,
        by.receipts
    FROM before
    FULL JOIN now USING (measure_id, area_code, quarter_key)
    INNER JOIN marts.dim_measure AS m USING (measure_id)
    CROSS JOIN LATERAL (
        SELECT
            array_agg(DISTINCT t.submission_id ORDER BY t.submission_id) AS submission_ids,
            array_agg(DISTINCT t.receipt ORDER BY t.receipt) AS receipts
        FROM touched AS t
        WHERE
            t.new AND upper_inf(t.known_during) AND t.return_name = m.return_name AND t.source = m.source
            AND t.quarter_key = coalesce(now.quarter_key, before.quarter_key)
    ) AS by
    WHERE (before.numerator, before.denominator, before.complete) IS DISTINCT FROM (now.numerator, now.denominator, now.complete)
    ORDER BY m.sort_order, quarter_key, area_code
$$;
COMMENT ON FUNCTION marts.changes_since(date) IS
'Figures that this database gives differently since the start of a day (Europe/London), from what to what, by which submissions.
It goes by when a return was loaded, so that an old one that comes in afterwards is not missed; observation_known_on goes by
when it was received';
