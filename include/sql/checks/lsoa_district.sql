-- Grain: one row an area and district of the located crimes that the lookup puts elsewhere; none is a pass, also where we have no lookup.
-- Keys: lsoa_code, area_code.
-- Why: the district of a crime is read from its area's name; the lookup says it by the area's code, of either vintage.
-- Severity: error
-- Rule: Every crime is in the district where the lookup puts it.
-- Needs: street_crime, lsoa_change
WITH lookup AS (
    SELECT
        lsoa_code,
        array_agg(area_code) AS area_codes
    FROM marts.lsoa
    GROUP BY lsoa_code
)

SELECT
    c.lsoa_code,
    c.area_code,
    l.area_codes AS looked_up
FROM (
    SELECT
        lsoa_code,
        area_code
    FROM warehouse.street_crime
    WHERE lsoa_code IS NOT NULL
    GROUP BY lsoa_code, area_code
) AS c
INNER JOIN lookup AS l ON c.lsoa_code = l.lsoa_code
WHERE array_position(l.area_codes, c.area_code) IS NULL
