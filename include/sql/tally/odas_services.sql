-- Grain: holding, area of residence, quarter and service.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: the return already counts by service.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    s.holding_id,
    s.area_code,
    h.starts_on,
    s.service,
    s.clients
FROM warehouse.odas_service AS s
INNER JOIN new_holding AS h ON s.holding_id = h.holding_id
