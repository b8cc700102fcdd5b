-- Grain: indicator and area.
-- Keys: return_version_id, indicator, area_code.
-- Why: the lead gives each area that it holds; nothing is added up for it.
INSERT INTO warehouse.indicator (return_version_id, row_number, indicator, area_code, numerator, denominator)
SELECT
    h.return_version_id,
    s.row_number,
    s.measure,
    s.area,
    s.numerator,
    s.denominator
FROM typed AS s
CROSS JOIN new_return_version AS h
