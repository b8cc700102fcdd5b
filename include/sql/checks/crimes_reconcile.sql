-- Grain: one row a holding of the crime-level files whose tally is not its number of facts; none is a pass.
-- Keys: holding_id.
-- Why: totals reconcile from file to fact to tally; rows elsewhere and without location are counted, never dropped.
-- Severity: error
WITH facts AS (
    SELECT
        holding_id,
        count(*) AS total
    FROM warehouse.tvp_crime
    GROUP BY holding_id
),

tallied AS (
    SELECT
        holding_id,
        sum(amount) AS total
    FROM marts.tally
    WHERE counted = 'all_records'
    GROUP BY holding_id
)

SELECT
    h.holding_id,
    f.total,
    t.total AS tallied
FROM warehouse.holding AS h
LEFT JOIN facts AS f ON h.holding_id = f.holding_id
LEFT JOIN tallied AS t ON h.holding_id = t.holding_id
WHERE h.return_name = 'tvp_crime' AND coalesce(f.total, 0) <> coalesce(t.total, 0)
