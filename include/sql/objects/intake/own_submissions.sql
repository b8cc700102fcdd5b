-- Grain: submission of the sender who is logged in; table and sheet or file of such a submission.
-- Keys: submission_id; submission_id, table_name and file_number.
-- Why: a sender reads its own rows only. It calls a function of the owner, because a query plan of the tables would count the rows of
-- others. For the same reason the function reads by index alone, so that no number of pages or rows depends on what others sent.
CREATE OR REPLACE FUNCTION intake.own_submissions()
RETURNS TABLE (
    submission_id bigint, receipt text, return_name text, quarter_key text, file_name text, content_hash text, size_bytes bigint, received_at timestamptz,
    synthetic boolean, nil_return boolean, status text, decided_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
SELECT
    s.submission_id, s.receipt, s.return_name, s.quarter_key, s.file_name, s.content_hash, s.size_bytes, s.received_at,
    s.synthetic, s.nil_return, s.status, s.decided_at
FROM warehouse.dim_source AS d
CROSS JOIN warehouse.dim_return AS r
INNER JOIN intake.submission AS s ON r.return_name = s.return_name AND d.source = s.source
WHERE pg_has_role(SESSION_USER, 'sia_partner_' || d.source, 'USAGE')
$$;
COMMENT ON FUNCTION intake.own_submissions() IS 'Every file that the sender who is logged in sent for a return, accepted or not';

CREATE OR REPLACE FUNCTION intake.own_files()
RETURNS TABLE (
    submission_id bigint, table_name text, file_number smallint, sheet text, file_month text, first_row bigint, last_row bigint, line_offset bigint,
    columns jsonb
) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
SELECT f.submission_id, f.table_name, f.file_number, f.sheet, f.file_month, f.first_row, f.last_row, f.line_offset, f.columns
FROM intake.own_submissions() AS s
INNER JOIN intake.staged_file AS f ON s.submission_id = f.submission_id
$$;
COMMENT ON FUNCTION intake.own_files() IS 'Which rows of a table of one''s own submissions came from which sheet or file';
