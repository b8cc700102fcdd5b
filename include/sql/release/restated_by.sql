-- Grain: return, sender and quarter, and the submission that told us something new of it.
-- Keys: submission_id, quarter_key.
-- Why: a revision note says why a figure moved: whatever came to be known between two releases.
SELECT
    h.return_name,
    h.source,
    q.quarter_key,
    h.submission_id,
    r.return_title,
    o.source_name,
    (s.received_at AT TIME ZONE 'Europe/London')::date AS received_on
FROM warehouse.return_version AS h
INNER JOIN intake.submission AS s ON h.submission_id = s.submission_id
INNER JOIN warehouse.dim_return AS r ON h.return_name = r.return_name
INNER JOIN warehouse.dim_source AS o ON h.source = o.source
INNER JOIN warehouse.dim_quarter AS q ON h.period && daterange(q.starts_on, q.ends_on, '[]')
WHERE
    lower(h.known_during) > %(earlier)s
    AND lower(h.known_during) <= %(later)s
GROUP BY h.return_name, h.source, q.quarter_key, h.submission_id, r.return_title, o.source_name, s.received_at
ORDER BY h.return_name, h.source, q.quarter_key, h.submission_id
