-- Grain: one row a holding whose tally is not the sum of its facts; none is a pass.
-- Keys: holding_id.
-- Why: totals reconcile from fact to tally for the returns that are counts.
-- Severity: error
WITH facts AS (
    SELECT holding_id, sum(records) AS total FROM warehouse.tvp_count GROUP BY holding_id
    UNION ALL
    SELECT holding_id, sum(contacts) AS total FROM warehouse.odas_contact GROUP BY holding_id
    UNION ALL
    SELECT holding_id, sum(clients) AS total FROM warehouse.odas_service GROUP BY holding_id
    UNION ALL
    SELECT holding_id, sum(numerator + coalesce(denominator, 0)) AS total FROM warehouse.indicator GROUP BY holding_id
),

summed AS (
    SELECT holding_id, sum(total) AS total FROM facts GROUP BY holding_id
)

SELECT
    s.holding_id,
    s.total,
    t.tallied
FROM summed AS s
LEFT JOIN (SELECT holding_id, sum(amount) AS tallied FROM marts.tally GROUP BY holding_id) AS t ON s.holding_id = t.holding_id
WHERE s.total <> coalesce(t.tallied, -1)
