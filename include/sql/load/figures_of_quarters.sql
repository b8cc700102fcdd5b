-- Grain: one row for each component, area and quarter of a sender, as we know them with this load.
-- Keys: component, area_code, quarter_starts_on.
-- Why: the history that new figures are compared with. Only quarters of which we have every month; a made-up sample is compared with
-- made-up samples alone. NaN where the sender withheld a part.
WITH figure AS (
    SELECT
        t.component,
        t.area_code,
        date_trunc('quarter', t.starts_on::timestamp)::date AS quarter_starts_on,
        t.starts_on,
        t.value,
        r.period_months
    FROM warehouse.return_version AS v
    INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
    INNER JOIN warehouse.dim_return AS r ON v.return_name = r.return_name
    WHERE
        v.return_name = %(return_name)s
        AND v.source = %(source)s
        AND upper_inf(v.known_during)
        AND v.period && daterange(%(first)s, %(last)s, '[]')
        AND t.component = any(%(components)s)
        AND v.synthetic = (
            SELECT bool_and(w.synthetic)
            FROM warehouse.return_version AS w
            WHERE w.return_version_id IN (SELECT n.return_version_id FROM new_return_version AS n)
        )
),

whole AS (
    SELECT
        figure.component,
        figure.quarter_starts_on
    FROM figure
    GROUP BY figure.component, figure.quarter_starts_on
    HAVING count(DISTINCT figure.starts_on) * min(figure.period_months) = 3
)

SELECT
    f.component,
    f.area_code,
    f.quarter_starts_on,
    sum(coalesce(f.value, 'NaN')) AS value
FROM figure AS f
INNER JOIN whole AS w ON f.component = w.component AND f.quarter_starts_on = w.quarter_starts_on
GROUP BY f.component, f.area_code, f.quarter_starts_on
ORDER BY f.component, f.area_code, f.quarter_starts_on
