-- Grain: one row a holding of the crime-level files whose tally is not its number of facts; none is a pass.
-- Keys: return_version_id.
-- Why: totals reconcile from file to fact to tally; rows elsewhere and without location are counted, never dropped.
-- Severity: error
WITH facts AS (
    SELECT
        return_version_id,
        count(*) AS total
    FROM warehouse.street_crime
    GROUP BY return_version_id
),

tallied AS (
    SELECT
        return_version_id,
        sum(value) AS total
    FROM marts.component_total
    WHERE component = 'all_records'
    GROUP BY return_version_id
)

SELECT
    h.return_version_id,
    f.total,
    t.total AS tallied
FROM warehouse.return_version AS h
LEFT JOIN facts AS f ON h.return_version_id = f.return_version_id
LEFT JOIN tallied AS t ON h.return_version_id = t.return_version_id
WHERE h.return_name = 'tvp_crime' AND coalesce(f.total, 0) <> coalesce(t.total, 0)
