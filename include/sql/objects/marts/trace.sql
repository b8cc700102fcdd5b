-- Grain: part of the figure, return version, table and sheet or file.
-- Keys: part, submission_id, period, table_name, sheet.
-- Why: from any figure a way leads to the rows that made it, without a right to read them. With the owner's rights and a fixed search path:
-- anyone who may call it learns row numbers, and needs no right to read the rows.
CREATE OR REPLACE FUNCTION marts.trace(measure text, area text, quarter text, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    part text, submission_id bigint, receipt text, source_name text, file_name text, received_at timestamptz, period daterange,
    table_name text, sheet text, rows int8multirange, row_count bigint, value numeric, rules_checked text[], warnings bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH counted AS (
        SELECT
            m.part,
            m.return_version_id,
            m.component,
            m.member_code AS area_code,
            m.starts_on,
            m.value
        FROM marts.measure_component_value AS m
        WHERE m.measure_id = trace.measure AND m.area_code = trace.area AND m.quarter_key = trace.quarter AND m.known_during @> trace.known_at
    ),

    total AS (
        SELECT c.part, c.return_version_id, nullif(sum(coalesce(c.value, 'NaN')), 'NaN') AS value FROM counted AS c GROUP BY c.part, c.return_version_id
    ),

    traced AS (
        SELECT
            c.part,
            c.return_version_id,
            r.table_name,
            f.sheet,
            range_agg(int8range(r.row_number + coalesce(f.line_offset, 0), r.row_number + coalesce(f.line_offset, 0), '[]')) AS rows,
            count(DISTINCT r.row_number) AS row_count,
            nullif(sum(coalesce(r.value, 'NaN')), 'NaN') AS value
        FROM counted AS c
        INNER JOIN warehouse.return_version AS v ON c.return_version_id = v.return_version_id
        INNER JOIN warehouse.component_row AS r
            ON c.return_version_id = r.return_version_id AND c.component = r.component AND c.area_code = r.area_code AND c.starts_on = r.starts_on
        LEFT JOIN intake.staged_file AS f
            ON v.submission_id = f.submission_id AND r.table_name = f.table_name AND r.row_number BETWEEN f.first_row AND f.last_row
        GROUP BY c.part, c.return_version_id, r.table_name, f.sheet
    )

    SELECT
        total.part,
        s.submission_id,
        s.receipt,
        d.source_name,
        s.file_name,
        s.received_at,
        v.period,
        traced.table_name,
        traced.sheet,
        coalesce(traced.rows, '{}'),
        coalesce(traced.row_count, 0),
        CASE WHEN traced.part IS NULL THEN total.value ELSE traced.value END,
        ARRAY(
            SELECT r.rule_id
            FROM quality.rule AS r
            WHERE r.return_name IS NULL OR (r.return_name = v.return_name AND coalesce(r.table_name = traced.table_name, TRUE))
            ORDER BY r.tier, r.rule_id
        ),
        (SELECT count(*) FROM quality.finding AS f WHERE f.submission_id = s.submission_id)
    FROM total
    INNER JOIN warehouse.return_version AS v ON total.return_version_id = v.return_version_id
    INNER JOIN intake.submission AS s ON v.submission_id = s.submission_id
    INNER JOIN warehouse.dim_source AS d ON s.source = d.source
    LEFT JOIN traced ON total.part = traced.part AND total.return_version_id = traced.return_version_id
    ORDER BY total.part DESC, v.period, traced.table_name, traced.sheet
$$;
COMMENT ON FUNCTION marts.trace(text, text, text, timestamptz) IS
'From a figure (measure, area, quarter) to the submissions, sheets and rows that made it and the rules that they passed,
today or as known at a time. Row numbers only, never a value of a row';

CREATE OR REPLACE FUNCTION marts.trace_rules(measure text, area text, quarter text, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    submission_id bigint, rule_id text, severity text, tier smallint, message text, findings bigint, findings_in_rows bigint, waived bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH traced AS MATERIALIZED (
        SELECT
            t.submission_id,
            t.table_name,
            t.sheet,
            t.rows,
            t.rules_checked
        FROM marts.trace(trace_rules.measure, trace_rules.area, trace_rules.quarter, trace_rules.known_at) AS t
    ),

    checked AS (
        SELECT DISTINCT
            t.submission_id,
            r.rule_id
        FROM traced AS t
        CROSS JOIN unnest(t.rules_checked) AS r (rule_id)
    )

    SELECT
        c.submission_id,
        c.rule_id,
        r.severity,
        r.tier,
        r.message,
        count(f.finding_id),
        count(f.finding_id) FILTER (WHERE EXISTS (
            SELECT FROM traced AS t
            WHERE (t.submission_id, t.table_name, t.sheet) = (f.submission_id, f.table_name, f.sheet) AND t.rows @> f.row_number
        )),
        count(f.waiver)
    FROM checked AS c
    INNER JOIN quality.rule AS r ON c.rule_id = r.rule_id
    LEFT JOIN quality.judged_finding AS f ON c.submission_id = f.submission_id AND c.rule_id = f.rule_id
    GROUP BY c.submission_id, c.rule_id, r.severity, r.tier, r.message
    ORDER BY c.submission_id, r.tier, c.rule_id
$$;
COMMENT ON FUNCTION marts.trace_rules(text, text, text, timestamptz) IS
'For every submission on which a figure (measure, area, quarter) rests: the rules that its sheets are checked by, how many findings each has
in the submission, how many of them are in the rows that made the figure, and how many were waived. Counts only, never a value or a cell';
