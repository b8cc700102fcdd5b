-- Grain: one row a submission of a return for a quarter.
-- Keys: submission_id.
-- Why: what a run, a page or a letter says about a return: numbers and states only, never a value.
SELECT
    s.submission_id,
    s.receipt,
    s.content_hash,
    s.source,
    s.status,
    row_number() OVER (PARTITION BY s.source ORDER BY s.received_at) AS attempt,
    (SELECT coalesce(sum(a.rows_staged), 0)::bigint FROM quality.row_reconciliation AS a WHERE a.submission_id = s.submission_id) AS rows_staged,
    (SELECT coalesce(sum(a.rows_loaded), 0)::bigint FROM quality.row_reconciliation AS a WHERE a.submission_id = s.submission_id) AS rows_loaded,
    count(f.finding_id) FILTER (WHERE f.severity = 'critical') AS critical_findings,
    count(f.finding_id) FILTER (WHERE f.severity = 'warning') AS warnings,
    (
        SELECT coalesce(array_agg(DISTINCT q.quarter_key ORDER BY q.quarter_key), '{}')
        FROM warehouse.return_version AS h
        INNER JOIN warehouse.dim_quarter AS q ON h.period && daterange(q.starts_on, q.ends_on, '[]')
        WHERE h.submission_id = s.submission_id
    ) AS quarters_loaded
FROM intake.submission AS s
LEFT JOIN quality.judged_finding AS f ON s.submission_id = f.submission_id
WHERE s.return_name = %(return_name)s AND s.quarter_key = %(quarter_key)s
GROUP BY s.submission_id
ORDER BY s.source, s.received_at
