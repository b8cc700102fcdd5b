-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts, in pounds: a partnership's grant and its spending, or a programme's grant, and each grant among all.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.commissioner_grant AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
INNER JOIN warehouse.dim_area AS a ON f.area_code = a.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('granted', f.granted_gbp),
        ('granted_to_' || CASE a.area_type WHEN 'csp' THEN 'csps' ELSE f.recipient END, f.granted_gbp),
        (CASE a.area_type WHEN 'csp' THEN 'spent_by_csps' END, f.spent_gbp)
    ) AS n (component, value)
WHERE n.component IS NOT NULL
