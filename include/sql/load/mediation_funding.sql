-- Grain: partnership.
-- Keys: holding_id, area_code.
-- Why: funding is given by partnership.
INSERT INTO warehouse.mediation_funding (holding_id, row_number, area_code, amount_gbp)
SELECT
    h.holding_id,
    s.row_number,
    s.csp,
    s.amount
FROM typed AS s
CROSS JOIN new_holding AS h
