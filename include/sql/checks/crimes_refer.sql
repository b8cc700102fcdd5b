-- Grain: one row for each return version, area and offence of the crimes with an unknown code; none is a pass.
-- Keys: return_version_id, area_code, offence_code.
-- Why: foreign keys would look up every row of this large table; here each combination is looked up once.
-- Severity: error
-- Rule: Every crime names an offence and an area that we know.
-- Needs: street_crime
SELECT
    c.return_version_id,
    c.area_code,
    c.offence_code,
    c.records
FROM (
    SELECT
        return_version_id,
        area_code,
        offence_code,
        count(*) AS records
    FROM warehouse.street_crime
    GROUP BY return_version_id, area_code, offence_code
) AS c
LEFT JOIN warehouse.return_version AS h ON c.return_version_id = h.return_version_id
LEFT JOIN warehouse.dim_area AS a ON c.area_code = a.area_code
LEFT JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WHERE h.return_version_id IS NULL OR a.area_code IS NULL OR o.offence_code IS NULL
