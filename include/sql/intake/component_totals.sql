-- Grain: one row an area and period of one component that a submission brought.
-- Keys: area_name, starts_on.
-- Why: people compare these totals with the source's own once a return is loaded.
SELECT
    a.area_name,
    t.starts_on,
    t.value
FROM warehouse.return_version AS v
INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id
INNER JOIN warehouse.dim_area AS a ON t.area_code = a.area_code
WHERE v.submission_id = %(submission_id)s AND t.component = %(component)s
ORDER BY a.sort_order, t.starts_on
