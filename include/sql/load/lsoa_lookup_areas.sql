-- Grain: area of 2011 and area of 2021 that it became or became part of.
-- Keys: return_version_id, lsoa_2011_code, lsoa_2021_code.
-- Why: the whole country is kept, because crimes lie outside Oxfordshire too; districts of others count as elsewhere.
INSERT INTO warehouse.lsoa_change (
    return_version_id, row_number, lsoa_2011_code, lsoa_2011_name, change, lsoa_2021_code, lsoa_2021_name, district_code, district_name, area_code
)
SELECT
    h.return_version_id,
    s.row_number,
    s.lsoa_2011_code,
    s.lsoa_2011_name,
    s.change,
    s.lsoa_2021_code,
    s.lsoa_2021_name,
    s.district_code,
    s.district_name,
    coalesce(d.area_code, 'ELSEWHERE')
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d ON s.district_code = d.area_code AND d.area_type = 'district'
