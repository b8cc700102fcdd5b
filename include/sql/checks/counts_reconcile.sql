-- Grain: one row a holding whose tally is not the sum of its facts; none is a pass.
-- Keys: holding_id.
-- Why: totals reconcile from fact to tally for the returns that are counts.
-- Severity: error
WITH facts AS (
    SELECT
        holding_id,
        records AS amount
    FROM warehouse.tvp_count
    UNION ALL
    SELECT
        holding_id,
        contacts AS amount
    FROM warehouse.odas_contact
    UNION ALL
    SELECT
        holding_id,
        clients AS amount
    FROM warehouse.odas_service
    UNION ALL
    SELECT
        holding_id,
        numerator + coalesce(denominator, 0) AS amount
    FROM warehouse.indicator
),

summed AS (
    SELECT
        holding_id,
        sum(amount) AS total
    FROM facts
    GROUP BY holding_id
),

tallied AS (
    SELECT
        holding_id,
        sum(amount) AS total
    FROM marts.tally
    GROUP BY holding_id
)

SELECT
    s.holding_id,
    s.total,
    t.total AS tallied
FROM summed AS s
LEFT JOIN tallied AS t ON s.holding_id = t.holding_id
WHERE s.total <> coalesce(t.total, -1)
