-- Grain: one row a published change that does not follow from the published numbers of both years, or does not have both with it.
-- Keys: return_version_id, row_number.
-- Why: the changes are published unrounded; further off than a spreadsheet's last figure, a column was read as another.
-- Severity: error
-- Rule: Published changes follow from the published numbers.
-- Needs: csp_crime_change, csp_crime_number
SELECT
    c.return_version_id,
    c.row_number
FROM warehouse.csp_crime_change_today AS c
LEFT JOIN warehouse.csp_crime_number AS now
    ON
        c.return_version_id = now.return_version_id
        AND CASE c.source_table WHEN 'C3' THEN 'C2' WHEN 'P2' THEN 'P1' END = now.source_table
        AND c.force_name = now.force_name
        AND c.force_code IS NOT DISTINCT FROM now.force_code
        AND c.partnership_name IS NOT DISTINCT FROM now.partnership_name
        AND c.offence = now.offence
LEFT JOIN warehouse.csp_crime_number AS before
    ON
        c.return_version_id = before.return_version_id
        AND CASE c.source_table WHEN 'C3' THEN 'C5' WHEN 'P2' THEN 'P4' END = before.source_table
        AND c.force_name = before.force_name
        AND c.force_code IS NOT DISTINCT FROM before.force_code
        AND c.partnership_name IS NOT DISTINCT FROM before.partnership_name
        AND c.offence = before.offence
WHERE
    c.change_percent IS NOT NULL
    AND (
        now.return_version_id IS NULL
        OR before.return_version_id IS NULL
        OR abs(c.change_percent - 100.0 * (now.offences - before.offences) / nullif(before.offences, 0)) > 0.0000001
    )
