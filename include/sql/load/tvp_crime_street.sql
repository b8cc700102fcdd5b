-- Grain: record of the street-level file; equal rows are separate incidents.
-- Keys: none: Crime ID repeats; return_version_id and row_number lead back to the line.
-- Why: the district is the LSOA's name without its last word, in every vintage; rows without one are kept apart from rows elsewhere.
INSERT INTO warehouse.street_crime (
    return_version_id, row_number, month_starts_on, area_code, offence_code, last_outcome, crime_id, longitude, latitude, location, lsoa_code, lsoa_name
)
SELECT
    h.return_version_id,
    s.row_number,
    s.month,
    CASE WHEN s.lsoa_name IS NULL THEN 'NO-LOCATION' ELSE coalesce(d.area_code, 'ELSEWHERE') END,
    o.offence_code,
    s.last_outcome,
    decode(s.crime_id, 'hex'),
    s.longitude,
    s.latitude,
    s.location,
    s.lsoa_code,
    s.lsoa_name
FROM typed AS s
INNER JOIN new_return_version AS h ON s.month = h.starts_on
INNER JOIN warehouse.dim_offence AS o ON s.crime_type = o.offence_code
LEFT JOIN warehouse.dim_area AS d
    ON left(s.lsoa_name, -5) = d.area_name AND d.area_type = 'district'
