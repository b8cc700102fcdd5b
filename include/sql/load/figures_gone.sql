-- Grain: one row for each new return version that takes away figures of the version that it replaces.
-- Keys: starts_on.
-- Why: a correction may be a part of the return, sent as if it were the whole.
WITH replaced AS (
    SELECT DISTINCT ON (n.return_version_id)
        n.return_version_id,
        n.starts_on,
        v.return_version_id AS replaced_id
    FROM new_return_version AS n
    INNER JOIN warehouse.return_version AS w ON n.return_version_id = w.return_version_id
    INNER JOIN warehouse.return_version AS v
        ON w.return_name = v.return_name AND w.source = v.source AND w.period = v.period AND upper(v.known_during) = lower(w.known_during)
    WHERE NOT v.synthetic OR w.synthetic
    ORDER BY n.return_version_id ASC, v.return_version_id DESC
)

SELECT
    r.starts_on,
    count(*) FILTER (WHERE coalesce(t.value, 0) = 0) AS gone
FROM replaced AS r
INNER JOIN marts.component_total AS b ON r.replaced_id = b.return_version_id AND b.value <> 0
LEFT JOIN marts.component_total AS t
    ON r.return_version_id = t.return_version_id AND b.component = t.component AND b.area_code = t.area_code AND b.starts_on = t.starts_on
GROUP BY r.starts_on
HAVING count(*) FILTER (WHERE coalesce(t.value, 0) = 0) >= %(share)s * count(*)
ORDER BY r.starts_on
