-- Grain: area, year and group of offences, in each of the publication's own tables.
-- Keys: return_version_id, source_table, year_to, force_code, force_name, partnership_name, offence.
-- Why: a partnership is told by its code, what is unassigned by its name; two of our districts are partnerships of their own there.
INSERT INTO warehouse.csp_crime_number (
    return_version_id, row_number, source_table, year_to, level, force_code, force_name, partnership_code, partnership_name, authority_code, area_code,
    offence, offences
)
SELECT
    h.return_version_id,
    s.row_number,
    s.source_table,
    s.year_to,
    warehouse.crime_level(s.force_code, s.partnership_code, s.partnership_name),
    s.force_code,
    s.force_name,
    s.partnership_code,
    s.partnership_name,
    nullif(s.authority_code, 'Combined Local Authorities'),
    coalesce(
        d.area_code,
        CASE WHEN f.area_code IS NOT NULL AND s.partnership_code IS NULL AND s.partnership_name IS NOT NULL THEN 'NO-LOCATION' ELSE 'ELSEWHERE' END
    ),
    s.offence,
    s.offences
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
LEFT JOIN warehouse.dim_area AS f ON s.force_code = f.police_force_code
