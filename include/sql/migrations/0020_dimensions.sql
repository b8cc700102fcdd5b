-- Grain: one row a measure, offence or quarter, as before; of a traced figure one row a submission and rule.
-- Keys: as before; of the rules of a trace, submission_id and rule_id.
-- Why: a dimension explains itself without the registers beside it, an amount says its unit in its name, and a traced figure says what
-- its rules found.

ALTER TABLE marts.dim_measure
ADD COLUMN theme text NOT NULL DEFAULT '',
ADD COLUMN under_reported boolean NOT NULL DEFAULT FALSE,
ADD COLUMN note text;
ALTER TABLE marts.dim_measure
ALTER COLUMN theme DROP DEFAULT,
ALTER COLUMN under_reported DROP DEFAULT;
COMMENT ON COLUMN marts.dim_measure.theme IS 'Section of the scorecard under which it stands';
COMMENT ON COLUMN marts.dim_measure.under_reported IS 'Whether more reports of it are good, because much of the harm is never reported';
COMMENT ON COLUMN marts.dim_measure.note IS 'What a reader must know of it; NULL where nothing needs saying';

ALTER TABLE warehouse.dim_offence
ADD COLUMN is_crime boolean NOT NULL GENERATED ALWAYS AS (offence_code <> 'anti_social_behaviour') STORED;
COMMENT ON COLUMN warehouse.dim_offence.is_crime IS
'Whether it counts as crime: all but anti-social behaviour, which is in the same files and is never added to crime';

ALTER TABLE warehouse.dim_quarter
ADD COLUMN quarter_of_year smallint NOT NULL GENERATED ALWAYS AS (right(quarter_key, 1)::smallint) STORED;
COMMENT ON COLUMN warehouse.dim_quarter.quarter_of_year IS '1 (April to June) to 4 (January to March): to compare like with like over the years';

-- Pounds say so. The views of today take the new name before the functions that give their rows are made anew.
ALTER TABLE warehouse.sanctuary_job RENAME COLUMN works_cost TO works_cost_gbp;
ALTER VIEW warehouse.sanctuary_job_today RENAME COLUMN works_cost TO works_cost_gbp;
ALTER TABLE warehouse.mediation_case RENAME COLUMN fee TO fee_gbp;
ALTER VIEW warehouse.mediation_case_today RENAME COLUMN fee TO fee_gbp;
ALTER TABLE warehouse.mediation_funding RENAME COLUMN amount TO amount_gbp;
ALTER VIEW warehouse.mediation_funding_today RENAME COLUMN amount TO amount_gbp;
SELECT warehouse.create_version_views(fact::regclass)
FROM unnest(ARRAY['warehouse.sanctuary_job', 'warehouse.mediation_case', 'warehouse.mediation_funding']) AS fact;

-- The owner's rights, as marts.trace: whoever may call it learns how often a rule failed, and neither value nor cell.
CREATE FUNCTION marts.trace_rules(measure text, area text, quarter text, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    submission_id bigint, rule_id text, severity text, tier smallint, message text, findings bigint, findings_in_rows bigint, waived bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH traced AS MATERIALIZED (
        SELECT t.* FROM marts.trace(trace_rules.measure, trace_rules.area, trace_rules.quarter, trace_rules.known_at) AS t
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
'Of every submission on which a figure (measure, area, quarter) rests, the rules that its sheets are checked by, how many findings each had
in the submission, how many of them in the rows that made the figure, and how many were waived. Counts only, never a value or a cell';
