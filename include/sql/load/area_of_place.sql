-- Grain: row of a publication of residents, with its area.
-- Keys: row_number.
-- Why: where a publication gives no codes, our own areas are recognised by their names.
SELECT
    s.*,
    coalesce(d.area_code, 'ELSEWHERE') AS area_code
FROM typed AS s
LEFT JOIN warehouse.dim_area AS d
    ON (s.place_code = d.area_code OR (s.place_code IS NULL AND lower(s.place_name) = lower(d.area_name))) AND d.area_type IN ('county', 'district')
