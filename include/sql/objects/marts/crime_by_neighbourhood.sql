-- Grain: month, lower layer super output area and crime type.
-- Keys: month_starts_on, area_code, lsoa_code, lsoa_name, offence_code.
-- Why: who may not read crimes row by row may count them by neighbourhood.
-- Needs: street_crime
CREATE VIEW marts.crime_by_neighbourhood AS
WITH policy AS (SELECT marts.smallest_shown_number() AS smallest_shown)

SELECT
    c.month_starts_on,
    c.quarter_key,
    c.area_code,
    c.lsoa_code,
    c.lsoa_name,
    c.offence_code,
    o.offence_name,
    count(*) AS records,
    marts.is_small_number(count(*), min(p.smallest_shown)) AS small_number,
    bool_or(c.synthetic) AS synthetic
FROM warehouse.street_crime_today AS c
INNER JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
CROSS JOIN policy AS p
GROUP BY c.month_starts_on, c.quarter_key, c.area_code, c.lsoa_code, c.lsoa_name, c.offence_code, o.offence_name;
COMMENT ON VIEW marts.crime_by_neighbourhood IS
'Crime-level police files counted by neighbourhood: one row a month, lower layer super output area and crime type, as known today. No row where there was none';
COMMENT ON COLUMN marts.crime_by_neighbourhood.month_starts_on IS 'First day of the month of the record';
COMMENT ON COLUMN marts.crime_by_neighbourhood.quarter_key IS 'Financial quarter of the month';
COMMENT ON COLUMN marts.crime_by_neighbourhood.area_code IS 'District of the county, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN marts.crime_by_neighbourhood.lsoa_code IS 'Lower layer super output area, 2011 or 2021 code; NULL without location';
COMMENT ON COLUMN marts.crime_by_neighbourhood.lsoa_name IS 'Its name; NULL without location';
COMMENT ON COLUMN marts.crime_by_neighbourhood.offence_code IS 'Crime type';
COMMENT ON COLUMN marts.crime_by_neighbourhood.offence_name IS 'Crime type as published';
COMMENT ON COLUMN marts.crime_by_neighbourhood.records IS 'Number of records; the police have already moved each to a nearby point';
COMMENT ON COLUMN marts.crime_by_neighbourhood.small_number IS 'Whether there are fewer records than marts.smallest_shown_number()';
COMMENT ON COLUMN marts.crime_by_neighbourhood.synthetic IS 'Whether the files are made-up samples';
