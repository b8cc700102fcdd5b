-- Grain: one row a record of the archive that was loaded.
-- Keys: turn and row_number.
-- Why: the months that are repeated, numbered, so that any month of fifteen years finds its own; in no order of places, so
-- that a part of a month is a fair part.
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
