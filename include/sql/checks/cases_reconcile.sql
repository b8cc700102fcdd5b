-- Grain: one row a holding of case rows whose tally is not their number; none is a pass.
-- Keys: holding_id, counted.
-- Why: totals reconcile from fact to tally for the returns that are rows of cases, jobs and events.
-- Severity: error
WITH facts AS (
    SELECT
        holding_id,
        'offered' AS counted,
        1 AS amount
    FROM warehouse.mediation_case
    UNION ALL
    SELECT
        holding_id,
        'funding' AS counted,
        amount_gbp AS amount
    FROM warehouse.mediation_funding
    UNION ALL
    SELECT
        holding_id,
        event AS counted,
        1 AS amount
    FROM warehouse.sanctuary_camera
    UNION ALL
    SELECT
        j.holding_id,
        'referrals' AS counted,
        1 AS amount
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.holding AS h ON j.holding_id = h.holding_id AND h.period @> j.referred_on
    UNION ALL
    SELECT
        j.holding_id,
        'works_cost' AS counted,
        j.works_cost_gbp AS amount
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.holding AS h ON j.holding_id = h.holding_id AND h.period @> j.completed_on
    WHERE j.secured
),

summed AS (
    SELECT
        holding_id,
        counted,
        sum(amount) AS total
    FROM facts
    GROUP BY holding_id, counted
),

tallied AS (
    SELECT
        holding_id,
        counted,
        sum(amount) AS total
    FROM marts.tally
    GROUP BY holding_id, counted
)

SELECT
    s.holding_id,
    s.counted,
    s.total,
    t.total AS tallied
FROM summed AS s
LEFT JOIN tallied AS t ON s.holding_id = t.holding_id AND s.counted = t.counted
WHERE s.total <> coalesce(t.total, -1)
