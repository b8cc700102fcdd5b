-- Grain: outcome of a crime; equal rows are separate outcomes.
-- Keys: return_version_id and row_number, which lead back to the line: Crime ID repeats.
-- Why: the district is that of the crime, read from the LSOA's name as for the crimes.
INSERT INTO warehouse.crime_outcome (return_version_id, row_number, month_starts_on, area_code, outcome_code, crime_id, lsoa_code, lsoa_name)
SELECT
    h.return_version_id,
    s.row_number,
    s.month,
    CASE WHEN s.lsoa_name IS NULL THEN 'NO-LOCATION' ELSE coalesce(d.area_code, 'ELSEWHERE') END,
    o.outcome_code,
    decode(s.crime_id, 'hex'),
    s.lsoa_code,
    s.lsoa_name
FROM typed AS s
INNER JOIN new_return_version AS h ON s.month = h.starts_on
INNER JOIN warehouse.dim_outcome AS o ON s.outcome_type = o.outcome_code
LEFT JOIN warehouse.dim_area AS d
    ON left(s.lsoa_name, -5) = d.area_name AND d.area_type = 'district'
