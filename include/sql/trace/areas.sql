-- Grain: area.
-- Keys: area_code.
-- Why: what may be chosen, in reading order.
SELECT
    area_code AS key,
    area_name AS label
FROM warehouse.dim_area
ORDER BY sort_order
