-- Grain: holding, partnership and quarter.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: funding is given by partnership and added up for the county.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    f.return_version_id,
    f.area_code,
    h.starts_on,
    'funding',
    f.amount_gbp
FROM warehouse.mediation_funding AS f
INNER JOIN new_return_version AS h ON f.return_version_id = h.return_version_id
