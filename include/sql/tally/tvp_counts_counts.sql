-- Grain: holding, district, month and measure.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: the return already counts by month.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    c.holding_id,
    c.area_code,
    c.month_starts_on,
    c.counted,
    c.records
FROM warehouse.tvp_count AS c
INNER JOIN new_holding AS h ON c.holding_id = h.holding_id
