-- Grain: row of the return.
-- Keys: return_version_id, row_number.
-- Why: what a row counts: an outcome in its own month. The contract sums these to all outcomes. marts.outcome_by_offence says which crime an
-- outcome belongs to, because the file with the crime may come later or never.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.outcome_code AS component,
    1 AS value
FROM warehouse.crime_outcome AS f
