-- Grain: holding, partnership and quarter.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: funding is given by partnership and added up for the county.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    f.holding_id,
    f.area_code,
    h.starts_on,
    'funding',
    f.amount_gbp
FROM warehouse.mediation_funding AS f
INNER JOIN new_holding AS h ON f.holding_id = h.holding_id
