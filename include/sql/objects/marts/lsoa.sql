-- Grain: census year, lower layer super output area (LSOA) and district.
-- Keys: lsoa_vintage, lsoa_code, district_code.
-- Why: the code of an area says its vintage and its district only by a lookup.
-- Needs: lsoa_change
CREATE VIEW marts.lsoa AS
WITH newest AS (
    SELECT v.return_version_id
    FROM warehouse.return_version AS v
    WHERE v.return_name = 'lsoa_lookup' AND upper_inf(v.known_during)
    ORDER BY v.period DESC
    LIMIT 1
)

SELECT DISTINCT
    l.lsoa_vintage,
    l.lsoa_code,
    l.lsoa_name,
    c.district_code,
    c.district_name,
    c.area_code
FROM newest AS n
INNER JOIN warehouse.lsoa_change AS c ON n.return_version_id = c.return_version_id
CROSS JOIN LATERAL (
    VALUES
    (2011, c.lsoa_2011_code, c.lsoa_2011_name),
    (2021, c.lsoa_2021_code, c.lsoa_2021_name)
) AS l (lsoa_vintage, lsoa_code, lsoa_name);
COMMENT ON VIEW marts.lsoa IS
'Lower layer super output areas of both vintages with their district, by the newest lookup that we have: one row a vintage, area and district.
Three areas of 2011 are in two districts. How each area changed is in warehouse.lsoa_change_today';
COMMENT ON COLUMN marts.lsoa.lsoa_vintage IS 'Census year of the area, 2011 or 2021';
COMMENT ON COLUMN marts.lsoa.lsoa_code IS 'ONS code; an area that did not change is in both vintages';
COMMENT ON COLUMN marts.lsoa.lsoa_name IS 'Name in that vintage';
COMMENT ON COLUMN marts.lsoa.district_code IS 'District of 2022 in which it is';
COMMENT ON COLUMN marts.lsoa.district_name IS 'Its name';
COMMENT ON COLUMN marts.lsoa.area_code IS 'District of the county, or ELSEWHERE';
