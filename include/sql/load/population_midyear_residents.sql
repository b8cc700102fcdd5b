-- Grain: area and mid-year of one publication.
-- Keys: return_version_id, place_name, geography, mid_year.
-- Why: a publication is told by its newest mid-year; where it gives no codes, our own areas are told by their names.
INSERT INTO warehouse.population_estimate (
    return_version_id, row_number, published_with_mid_year, place_code, place_name, geography, area_code, mid_year, persons, missing_reason
)
SELECT
    h.return_version_id,
    s.row_number,
    max(s.mid_year) OVER (),
    s.place_code,
    s.place_name,
    s.geography,
    coalesce(d.area_code, 'ELSEWHERE'),
    s.mid_year,
    s.persons,
    s.missing_reason
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d
    ON (s.place_code = d.area_code OR (s.place_code IS NULL AND s.place_name = d.area_name)) AND d.area_type IN ('county', 'district')
