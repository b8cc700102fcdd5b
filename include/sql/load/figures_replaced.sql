-- Grain: one row for each new return version that replaces another and has other figures.
-- Keys: starts_on.
-- Why: a correction may be a part of the return, sent as if it were the whole (figures, and how many of them are gone). A publisher revises
-- what it published before (records now and before).
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
),

compared AS (
    SELECT
        r.starts_on,
        t.component,
        coalesce(sum(t.value) FILTER (WHERE t.return_version_id = r.replaced_id), 0) AS before,
        coalesce(sum(t.value) FILTER (WHERE t.return_version_id = r.return_version_id), 0) AS now
    FROM replaced AS r
    INNER JOIN marts.component_total AS t ON t.return_version_id IN (r.replaced_id, r.return_version_id)
    GROUP BY r.starts_on, t.component, t.area_code, t.starts_on
)

SELECT
    c.starts_on,
    count(*) FILTER (WHERE c.before <> 0) AS figures,
    count(*) FILTER (WHERE c.before <> 0 AND c.now = 0) AS gone,
    coalesce(sum(c.before) FILTER (WHERE c.component = %(component)s), 0) AS records_before,
    coalesce(sum(c.now) FILTER (WHERE c.component = %(component)s), 0) AS records_now
FROM compared AS c
GROUP BY c.starts_on
HAVING bool_or(c.before <> c.now)
ORDER BY c.starts_on
