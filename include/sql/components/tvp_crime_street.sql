-- Grain: row of the return.
-- Keys: return_version_id, row_number.
-- Why: what a row counts: a record of its crime type. The contract sums these to all records and all crime.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.offence_code AS component,
    1 AS value
FROM warehouse.street_crime AS f
