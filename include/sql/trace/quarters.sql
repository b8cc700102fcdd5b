-- Grain: quarter for which there is or was anything.
-- Keys: quarter_key.
-- Why: what may be chosen, the newest first.
SELECT
    q.quarter_key AS key,
    q.quarter_label AS label
FROM warehouse.dim_quarter AS q
WHERE EXISTS (SELECT FROM warehouse.return_version AS h WHERE lower(h.period) BETWEEN q.starts_on AND q.ends_on)
ORDER BY q.starts_on DESC
