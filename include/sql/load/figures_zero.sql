-- Grain: one row for each new return version whose figures are all 0, unless those of the period before it are too.
-- Keys: starts_on.
-- Why: a workbook that was saved before it was filled, or a system that counted nothing. Without a period before, nothing says that 0 is usual.
WITH counted AS (
    SELECT
        v.return_version_id,
        lower(v.period) AS starts_on,
        bool_and(coalesce(t.value = 0, FALSE)) AS is_zero
    FROM warehouse.return_version AS v
    INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
    WHERE v.return_name = %(return_name)s AND v.source = %(source)s AND upper_inf(v.known_during)
    GROUP BY v.return_version_id, v.period
),

in_order AS (
    SELECT
        c.return_version_id,
        c.starts_on,
        c.is_zero,
        coalesce(lag(c.is_zero) OVER (ORDER BY c.starts_on), FALSE) AS was_zero
    FROM counted AS c
)

SELECT o.starts_on
FROM in_order AS o
INNER JOIN new_return_version AS n ON o.return_version_id = n.return_version_id
WHERE o.is_zero AND NOT o.was_zero
ORDER BY o.starts_on
