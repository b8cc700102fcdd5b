-- Grain: one row for each new return version whose figures are those of another period, with the newest such period.
-- Keys: starts_on.
-- Why: last quarter's workbook under a new cover, or a month under the name of another. Figures are compared by component, area and place in
-- the period. Zeros do not count, and a few figures may be the same by chance.
WITH figure AS (
    SELECT
        v.return_version_id,
        lower(v.period) AS starts_on,
        t.component,
        t.area_code,
        t.starts_on - lower(v.period) AS days_in,
        t.value
    FROM warehouse.return_version AS v
    INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
    WHERE v.return_name = %(return_name)s AND v.source = %(source)s AND upper_inf(v.known_during) AND t.value <> 0
),

counted AS (
    SELECT
        f.return_version_id,
        count(*) AS figures
    FROM figure AS f
    GROUP BY f.return_version_id
)

SELECT DISTINCT ON (f.starts_on)
    f.starts_on,
    o.starts_on AS other_starts_on
FROM figure AS f
INNER JOIN new_return_version AS n ON f.return_version_id = n.return_version_id
-- A month is as long as another within three days.
INNER JOIN figure AS o
    ON
        f.component = o.component
        AND f.area_code = o.area_code
        AND f.value = o.value
        AND f.starts_on <> o.starts_on
        AND o.days_in BETWEEN f.days_in - 3 AND f.days_in + 3
INNER JOIN counted AS c ON f.return_version_id = c.return_version_id
INNER JOIN counted AS oc ON o.return_version_id = oc.return_version_id
WHERE c.figures >= %(least)s
GROUP BY f.starts_on, o.starts_on, c.figures, oc.figures
HAVING count(*) >= %(share)s * greatest(c.figures, oc.figures)
ORDER BY f.starts_on ASC, o.starts_on DESC
