-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: an order counts as started in the quarter of its start, and as ended in that of its end.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    1 AS value
FROM warehouse.probation_order AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (CASE WHEN v.period @> f.started_on THEN 'orders_started' END),
        (CASE WHEN v.period @> f.ended_on THEN 'orders_ended' END),
        (CASE WHEN v.period @> f.ended_on AND f.end_reason = 'completed' THEN 'orders_completed' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
