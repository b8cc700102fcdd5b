-- Grain: one row a holding whose tally is not the sum of its facts; none is a pass.
-- Keys: return_version_id.
-- Why: totals reconcile from fact to tally for the returns that are counts.
-- Severity: error
WITH facts AS (
    SELECT
        return_version_id,
        records AS value
    FROM warehouse.police_count
    UNION ALL
    SELECT
        return_version_id,
        contacts AS value
    FROM warehouse.domestic_abuse_contact
    UNION ALL
    SELECT
        return_version_id,
        clients AS value
    FROM warehouse.domestic_abuse_client
    UNION ALL
    SELECT
        return_version_id,
        numerator + coalesce(denominator, 0) AS value
    FROM warehouse.indicator
),

summed AS (
    SELECT
        return_version_id,
        sum(value) AS total
    FROM facts
    GROUP BY return_version_id
),

tallied AS (
    SELECT
        return_version_id,
        sum(value) AS total
    FROM marts.component_total
    GROUP BY return_version_id
)

SELECT
    s.return_version_id,
    s.total,
    t.total AS tallied
FROM summed AS s
LEFT JOIN tallied AS t ON s.return_version_id = t.return_version_id
WHERE s.total <> coalesce(t.total, -1)
