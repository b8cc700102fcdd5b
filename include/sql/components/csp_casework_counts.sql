-- Grain: row of the return, area and component.
-- Keys: return_version_id, row_number, area_code, component.
-- Why: what a row counts. The return already counts by activity; awards are also counted together.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    f.number AS value
FROM warehouse.csp_activity AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.activity),
        (CASE WHEN f.activity IN ('nightsafe_gold', 'nightsafe_silver', 'nightsafe_bronze') THEN 'nightsafe_awards' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
