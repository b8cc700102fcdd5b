-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: an order in force, and whether it was reviewed if its last day was in the quarter.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    1 AS value
FROM warehouse.protection_order AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('orders_in_force'),
        (CASE WHEN v.period @> f.ends_on THEN 'orders_ending' END),
        (CASE WHEN v.period @> f.ends_on AND f.reviewed THEN 'orders_reviewed' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
