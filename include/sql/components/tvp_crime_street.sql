-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: a record of its crime type. Anti-social behaviour is not a crime.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    n.component,
    1 AS value
FROM warehouse.street_crime AS f
CROSS JOIN
    LATERAL (
        VALUES
        (f.offence_code),
        ('all_records'),
        (CASE WHEN f.offence_code <> 'anti_social_behaviour' THEN 'all_crime' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
