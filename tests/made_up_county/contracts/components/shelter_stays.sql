-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: a stay counts in the quarter in which it began. Costs are in pounds.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.shelter_stay AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN LATERAL (VALUES ('stays_begun', 1), ('stay_cost', f.cost_gbp)) AS n (component, value)
