-- Grain: one row a return and sender of the quarter without every month at a time.
-- Keys: return_name, source.
-- Why: an approver must know what the scorecard lacks.
SELECT
    r.return_title,
    o.source_name,
    r.expected,
    coalesce(sum(extract(MONTH FROM age(upper(h.period), lower(h.period)))), 0) AS months
FROM (
    SELECT DISTINCT
        return_name,
        source
    FROM marts.dim_measure
) AS m
INNER JOIN warehouse.dim_return AS r ON m.return_name = r.return_name
INNER JOIN warehouse.dim_source AS o ON m.source = o.source
INNER JOIN warehouse.dim_quarter AS q ON q.quarter_key = %(quarter_key)s
LEFT JOIN warehouse.return_version AS h
    ON
        m.return_name = h.return_name AND m.source = h.source
        AND h.known_during @> %(known_at)s::timestamptz AND h.period && daterange(q.starts_on, q.ends_on, '[]')
GROUP BY r.return_title, o.source_name, r.expected
HAVING coalesce(sum(extract(MONTH FROM age(upper(h.period), lower(h.period)))), 0) < 3
ORDER BY r.expected DESC, r.return_title ASC, o.source_name ASC
