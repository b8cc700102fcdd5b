-- Grain: one row a published total that is not the sum of its parts; none is a pass.
-- Keys: return_version_id, source_table, year_to, force_name, offence.
-- Why: the publisher's own totals say whether a row was lost between its file and the facts. A force is its partnerships and what it could
-- place in none; where the publisher left one of them empty, we cannot tell.
-- Severity: error
-- Rule: Published totals of a force are the sums of their parts.
-- Needs: csp_crime_number
WITH parts AS (
    SELECT
        return_version_id,
        source_table,
        year_to,
        force_name,
        offence,
        sum(offences) AS offences
    FROM warehouse.csp_crime_number_today
    WHERE level IN ('partnership', 'unassigned')
    GROUP BY return_version_id, source_table, year_to, force_name, offence
    HAVING count(offences) = count(*)
)

SELECT
    f.return_version_id,
    f.source_table,
    f.year_to,
    f.force_name,
    f.offence,
    f.offences - p.offences AS differs_by
FROM warehouse.csp_crime_number_today AS f
INNER JOIN parts AS p
    ON
        f.return_version_id = p.return_version_id
        AND f.source_table = p.source_table
        AND f.year_to = p.year_to
        AND f.force_name = p.force_name
        AND f.offence = p.offence
WHERE f.level = 'force' AND f.offences <> p.offences
