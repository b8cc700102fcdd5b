-- Grain: one row a decided submission whose file, and the workbook that answered it, are not removed yet.
-- Keys: submission_id.
-- Why: what a partner sent is kept for as long as its contract says, and no longer.
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    s.source,
    s.quarter_key,
    s.landed_as,
    s.content_hash,
    s.size_bytes,
    s.status,
    s.status = 'refused' OR EXISTS (
        SELECT FROM quality.finding AS f WHERE f.submission_id = s.submission_id AND f.rule_id = 'INT-HIDDEN-03'
    ) AS is_encrypted,
    (s.received_at AT TIME ZONE 'Europe/London')::date AS received_on,
    (s.decided_at AT TIME ZONE 'Europe/London')::date AS decided_on
FROM intake.submission AS s
WHERE s.decided_at IS NOT NULL AND s.submission_id NOT IN (SELECT r.submission_id FROM intake.removed_file AS r)
ORDER BY s.submission_id
