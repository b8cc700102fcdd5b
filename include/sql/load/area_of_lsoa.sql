-- Grain: row of a file of police records, with the area of its lower layer super output area (LSOA).
-- Keys: row_number.
-- Why: the district is the LSOA's name without its last word, in every vintage; rows without one are kept apart from rows elsewhere.
-- A rule has refused names that begin with no known authority. Case and a second space between words are not part of a name.
SELECT
    s.*,
    CASE WHEN s.lsoa_name IS NULL THEN 'NO-LOCATION' ELSE coalesce(d.area_code, 'ELSEWHERE') END AS area_code
FROM typed AS s
LEFT JOIN warehouse.dim_area AS d ON lower(btrim(replace(left(s.lsoa_name, -5), '  ', ' '))) = lower(d.area_name) AND d.area_type = 'district'
