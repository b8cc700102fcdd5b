-- Grain: one row a published rate that does not follow from the published number and residents, or comes without a number.
-- Keys: return_version_id, row_number.
-- Why: residents are rounded to 100, so a rate may be anything between those that 50 more and 50 fewer give; further off, a column was
-- read as another.
-- Severity: error
-- Rule: Published rates follow from the published numbers and residents.
-- Needs: csp_crime_number, csp_crime_rate
SELECT
    r.return_version_id,
    r.row_number
FROM warehouse.csp_crime_rate_today AS r
LEFT JOIN warehouse.csp_crime_number AS n
    ON
        r.return_version_id = n.return_version_id
        AND CASE r.source_table WHEN 'C4' THEN 'C2' WHEN 'P3' THEN 'P1' END = n.source_table
        AND r.year_to = n.year_to
        AND r.force_name = n.force_name
        AND r.force_code IS NOT DISTINCT FROM n.force_code
        AND r.partnership_name IS NOT DISTINCT FROM n.partnership_name
        AND CASE r.offence WHEN 'residential_burglary_households' THEN 'residential_burglary' ELSE r.offence END = n.offence
CROSS JOIN LATERAL (VALUES (CASE r.offence WHEN 'residential_burglary_households' THEN r.households ELSE r.residents END)) AS d (divided_by)
WHERE
    r.rate_per_1000 IS NOT NULL
    AND (
        n.return_version_id IS NULL
        OR (
            d.divided_by > 100
            AND n.offences >= 0
            -- A ten-thousandth of a millionth for the 15 figures that a spreadsheet keeps.
            AND NOT (
                r.rate_per_1000
                BETWEEN 1000.0 * n.offences / (d.divided_by + 50) - 0.0000001
                AND 1000.0 * n.offences / (d.divided_by - 50) + 0.0000001
            )
        )
    )
