-- Grain: waiver, rule, return, sender and quarter.
-- Keys: waiver, rule_id, return_name, source, quarter_key.
-- Why: an approver must know which rules were waived for the figures that it shows, as they were known at a time.
SELECT
    w.waiver,
    f.rule_id,
    u.message,
    r.return_title,
    o.source_name,
    q.quarter_key,
    w.allowed_by,
    w.why,
    w.until,
    count(*) AS findings
FROM (
    SELECT DISTINCT h.submission_id
    FROM warehouse.return_version AS h
    INNER JOIN warehouse.dim_quarter AS d ON h.period && daterange(d.starts_on, d.ends_on, '[]')
    WHERE h.known_during @> %(known_at)s::timestamptz AND d.quarter_key BETWEEN %(first)s AND %(last)s
) AS held
INNER JOIN intake.submission AS s ON held.submission_id = s.submission_id
INNER JOIN quality.finding AS f ON s.submission_id = f.submission_id
INNER JOIN quality.waived_finding AS w ON f.finding_id = w.finding_id
INNER JOIN quality.rule AS u ON f.rule_id = u.rule_id
INNER JOIN warehouse.dim_return AS r ON s.return_name = r.return_name
INNER JOIN warehouse.dim_source AS o ON s.source = o.source
INNER JOIN warehouse.dim_quarter AS q ON s.quarter_key = q.quarter_key
GROUP BY w.waiver, f.rule_id, u.message, r.return_name, r.return_title, s.source, o.source_name, q.quarter_key, w.allowed_by, w.why, w.until
ORDER BY q.quarter_key DESC, w.waiver ASC, f.rule_id ASC
