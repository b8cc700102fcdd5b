-- Grain: finding in a submission of the sender who is logged in; table of such a submission.
-- Keys: finding_id; submission_id and table_name.
-- Why: as for intake.own_submissions().
CREATE OR REPLACE FUNCTION quality.own_findings()
RETURNS TABLE (
    finding_id bigint, submission_id bigint, rule_id text, message text, table_name text, sheet text, row_number bigint, column_name text, cell text
) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
SELECT f.finding_id, f.submission_id, f.rule_id, f.message, f.table_name, f.sheet, f.row_number, f.column_name, f.cell
FROM intake.own_submissions() AS s
INNER JOIN quality.finding AS f ON s.submission_id = f.submission_id
$$;
COMMENT ON FUNCTION quality.own_findings() IS 'Every finding in a submission of the sender who is logged in';

CREATE OR REPLACE FUNCTION quality.own_row_reconciliation()
RETURNS TABLE (
    submission_id bigint, table_name text, rows_read bigint, rows_staged bigint, rows_refused bigint, rows_loaded bigint, rows_outside bigint
) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
SELECT c.submission_id, c.table_name, c.rows_read, c.rows_staged, c.rows_refused, c.rows_loaded, c.rows_outside
FROM intake.own_submissions() AS s
INNER JOIN quality.row_reconciliation AS c ON s.submission_id = c.submission_id
$$;
COMMENT ON FUNCTION quality.own_row_reconciliation() IS 'Rows read, staged, refused and loaded of each table of one''s own submissions';
