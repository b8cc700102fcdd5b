-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: an outcome in its own month. marts.outcome_by_offence says which crime it belongs to, because the file with the
-- crime may come later or never.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    n.component,
    1 AS value
FROM warehouse.crime_outcome AS f
CROSS JOIN LATERAL (VALUES (f.outcome_code), ('all_outcomes')) AS n (component)
