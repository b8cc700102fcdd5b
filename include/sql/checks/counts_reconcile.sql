-- Grain: one row a holding whose tally is not the sum of its facts; none is a pass.
-- Keys: return_version_id.
-- Why: totals reconcile from fact to tally for the returns that are counts.
-- Severity: error
WITH facts AS (
    SELECT
        return_version_id,
        records AS amount
    FROM warehouse.tvp_count
    UNION ALL
    SELECT
        return_version_id,
        contacts AS amount
    FROM warehouse.odas_contact
    UNION ALL
    SELECT
        return_version_id,
        clients AS amount
    FROM warehouse.odas_service
    UNION ALL
    SELECT
        return_version_id,
        numerator + coalesce(denominator, 0) AS amount
    FROM warehouse.indicator
),

summed AS (
    SELECT
        return_version_id,
        sum(amount) AS total
    FROM facts
    GROUP BY return_version_id
),

tallied AS (
    SELECT
        return_version_id,
        sum(amount) AS total
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
