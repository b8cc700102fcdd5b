-- Grain: one row a holding of case rows whose tally is not their number; none is a pass.
-- Keys: return_version_id, counted.
-- Why: totals reconcile from fact to tally for the returns that are rows of cases, jobs and events.
-- Severity: error
WITH facts AS (
    SELECT
        return_version_id,
        'offered' AS component,
        1 AS value
    FROM warehouse.mediation_case
    UNION ALL
    SELECT
        return_version_id,
        'funding' AS component,
        amount_gbp AS value
    FROM warehouse.mediation_funding
    UNION ALL
    SELECT
        return_version_id,
        event AS component,
        1 AS value
    FROM warehouse.sanctuary_camera
    UNION ALL
    SELECT
        j.return_version_id,
        'referrals' AS component,
        1 AS value
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.return_version AS h ON j.return_version_id = h.return_version_id AND h.period @> j.referred_on
    UNION ALL
    SELECT
        j.return_version_id,
        'works_cost' AS component,
        j.works_cost_gbp AS value
    FROM warehouse.sanctuary_job AS j
    INNER JOIN warehouse.return_version AS h ON j.return_version_id = h.return_version_id AND h.period @> j.completed_on
    WHERE j.secured
),

summed AS (
    SELECT
        return_version_id,
        component,
        sum(value) AS total
    FROM facts
    GROUP BY return_version_id, component
),

tallied AS (
    SELECT
        return_version_id,
        component,
        sum(value) AS total
    FROM marts.component_total
    GROUP BY return_version_id, component
)

SELECT
    s.return_version_id,
    s.component,
    s.total,
    t.total AS tallied
FROM summed AS s
LEFT JOIN tallied AS t ON s.return_version_id = t.return_version_id AND s.component = t.component
WHERE s.total <> coalesce(t.total, -1)
