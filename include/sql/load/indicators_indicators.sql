-- Grain: indicator and area.
-- Keys: holding_id, indicator, area_code.
-- Why: the lead gives each area that it holds; nothing is added up for it.
INSERT INTO warehouse.indicator (holding_id, row_number, indicator, area_code, numerator, denominator)
SELECT
    h.holding_id,
    s.row_number,
    s.measure,
    s.area,
    s.numerator,
    s.denominator
FROM typed AS s
CROSS JOIN new_holding AS h
