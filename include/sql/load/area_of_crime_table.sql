-- Grain: row of an ONS table of recorded crime, with its area.
-- Keys: row_number.
-- Why: a district is recognised by its authority's code. What our force could place in no partnership has no location; all else is elsewhere.
SELECT
    s.*,
    coalesce(
        d.area_code,
        CASE WHEN f.area_code IS NOT NULL AND s.partnership_code IS NULL AND s.partnership_name IS NOT NULL THEN 'NO-LOCATION' ELSE 'ELSEWHERE' END
    ) AS area_code
FROM typed AS s
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
LEFT JOIN warehouse.dim_area AS f ON s.force_code = f.police_force_code
