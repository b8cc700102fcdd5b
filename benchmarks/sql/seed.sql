-- Grain: one row for each record of the loaded archive.
-- Keys: turn and row_number.
-- Why: to number the months, so that each month of fifteen years can copy one. The rows of a month are in random order, so that the
-- first rows are a fair sample.
CREATE TEMPORARY TABLE seed AS
SELECT
    row_number() OVER (PARTITION BY month_starts_on ORDER BY hashint8(row_number)) AS row_number,
    count(*) OVER (PARTITION BY month_starts_on) AS size,
    dense_rank() OVER (ORDER BY month_starts_on) - 1 AS turn,
    area_code,
    offence_code,
    last_outcome,
    crime_id,
    longitude,
    latitude,
    location,
    lsoa_code,
    lsoa_name
FROM warehouse.street_crime
