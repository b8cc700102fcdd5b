-- Grain: one row a published total of a country that is not the sum of its parts; none is a pass.
-- Keys: return_version_id, source_table, year_to, force_code, offence.
-- Why: England is its regions, England and Wales are their forces with the British Transport Police. A publication may leave a force out of
-- either and say so; the reader decides.
-- Severity: warning
-- Rule: Published totals of a country are the sums of their parts.
-- Needs: csp_crime_number
SELECT
    t.return_version_id,
    t.source_table,
    t.year_to,
    t.force_code,
    t.offence,
    t.offences - sum(p.offences) AS differs_by
FROM warehouse.csp_crime_number_today AS t
INNER JOIN warehouse.csp_crime_number AS p
    ON
        t.return_version_id = p.return_version_id
        AND t.source_table = p.source_table
        AND t.year_to = p.year_to
        AND t.offence = p.offence
        AND CASE t.force_code WHEN 'E92000001' THEN 'region' WHEN 'K04000001' THEN 'force' END = p.level
WHERE t.level = 'country'
GROUP BY t.return_version_id, t.source_table, t.year_to, t.force_code, t.offence, t.offences
HAVING count(p.offences) = count(*) AND t.offences <> sum(p.offences)
