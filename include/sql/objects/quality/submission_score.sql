-- Grain: decided submission.
-- Keys: submission_id.
-- Why: data quality as one number: the share of the rows with nothing that must be corrected.
CREATE VIEW quality.submission_score AS
WITH numbered AS (
    SELECT
        s.submission_id,
        s.return_name,
        s.source,
        s.quarter_key,
        s.status,
        s.received_at,
        s.synthetic,
        row_number() OVER (PARTITION BY s.return_name, s.source, s.quarter_key ORDER BY s.received_at) AS attempt
    FROM intake.submission AS s
),

reconciled AS (
    SELECT
        r.submission_id,
        sum(r.rows_read) AS rows_read
    FROM quality.row_reconciliation AS r
    GROUP BY r.submission_id
),

judged AS (
    SELECT
        f.submission_id,
        count(DISTINCT concat_ws('/', f.table_name, f.sheet, f.row_number)) FILTER (WHERE f.severity = 'critical') AS rows_to_fix,
        count(*) FILTER (WHERE f.severity = 'warning') AS warnings,
        bool_or(f.severity = 'critical' AND (f.tier = 1 OR f.row_number IS NULL)) AS whole_file
    FROM quality.judged_finding AS f
    GROUP BY f.submission_id
)

SELECT
    n.submission_id,
    n.return_name,
    n.source,
    n.quarter_key,
    n.attempt,
    n.status,
    n.received_at,
    n.synthetic,
    coalesce(r.rows_read, 0) AS rows_read,
    least(coalesce(j.rows_to_fix, 0), coalesce(r.rows_read, 0)) AS rows_to_fix,
    coalesce(j.warnings, 0) AS warnings,
    CASE
        WHEN j.whole_file THEN 0.0
        WHEN coalesce(r.rows_read, 0) = 0 THEN 100.0
        ELSE round(100 * (1 - least(coalesce(j.rows_to_fix, 0), r.rows_read) / r.rows_read), 1)
    END AS score_percent
FROM numbered AS n
LEFT JOIN reconciled AS r ON n.submission_id = r.submission_id
LEFT JOIN judged AS j ON n.submission_id = j.submission_id
WHERE n.status IN ('accepted', 'refused');
COMMENT ON VIEW quality.submission_score IS 'Data quality of each decided submission: how much of it needed no correction, out of 100';
COMMENT ON COLUMN quality.submission_score.submission_id IS 'The submission';
COMMENT ON COLUMN quality.submission_score.return_name IS 'Which return';
COMMENT ON COLUMN quality.submission_score.source IS 'Who sent it';
COMMENT ON COLUMN quality.submission_score.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN quality.submission_score.attempt IS 'Its place among the files received for the return and quarter';
COMMENT ON COLUMN quality.submission_score.status IS 'accepted or refused';
COMMENT ON COLUMN quality.submission_score.received_at IS 'When we received it';
COMMENT ON COLUMN quality.submission_score.synthetic IS 'Whether it is a made-up sample';
COMMENT ON COLUMN quality.submission_score.rows_read IS 'Rows in the file';
COMMENT ON COLUMN quality.submission_score.rows_to_fix IS 'Of these, rows with a finding that must be corrected';
COMMENT ON COLUMN quality.submission_score.warnings IS 'Findings that are only reported';
COMMENT ON COLUMN quality.submission_score.score_percent IS
'Rows with nothing that must be corrected, in per cent; 0 if the file as a whole must be corrected, 100 if it has no rows and no finding';
