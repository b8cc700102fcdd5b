-- Grain: one row a holding of case rows whose tally is not their number; none is a pass.
-- Keys: holding_id, counted.
-- Why: totals reconcile from fact to tally for the returns that are rows of cases, jobs and events.
-- Severity: error
WITH facts AS (
    SELECT holding_id, 'offered' AS counted, count(*) AS total FROM warehouse.mediation_case GROUP BY holding_id
    UNION ALL
    SELECT holding_id, 'funding' AS counted, sum(amount) AS total FROM warehouse.mediation_funding GROUP BY holding_id
    UNION ALL
    SELECT holding_id, event AS counted, count(*) AS total FROM warehouse.sanctuary_camera GROUP BY holding_id, event
    UNION ALL
    SELECT j.holding_id, 'referrals' AS counted, count(*) AS total
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.holding AS h ON j.holding_id = h.holding_id
    WHERE h.period @> j.referred_on
    GROUP BY j.holding_id
    UNION ALL
    SELECT j.holding_id, 'works_cost' AS counted, sum(j.works_cost) AS total
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.holding AS h ON j.holding_id = h.holding_id
    WHERE h.period @> j.completed_on AND j.secured
    GROUP BY j.holding_id
)

SELECT
    f.holding_id,
    f.counted,
    f.total,
    t.tallied
FROM facts AS f
LEFT JOIN (
    SELECT holding_id, counted, sum(amount) AS tallied FROM marts.tally GROUP BY holding_id, counted
) AS t ON f.holding_id = t.holding_id AND f.counted = t.counted
WHERE f.total <> coalesce(t.tallied, -1)
