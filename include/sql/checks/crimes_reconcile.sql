-- Grain: one row a holding of the crime-level files whose tally is not its number of facts; none is a pass.
-- Keys: holding_id.
-- Why: totals reconcile from file to fact to tally; rows elsewhere and without location are counted, never dropped.
-- Severity: error
SELECT
    h.holding_id,
    f.facts,
    t.tallied
FROM warehouse.holding AS h
LEFT JOIN (SELECT holding_id, count(*) AS facts FROM warehouse.tvp_crime GROUP BY holding_id) AS f ON h.holding_id = f.holding_id
LEFT JOIN (
    SELECT holding_id, sum(amount) AS tallied FROM marts.tally WHERE counted = 'all_records' GROUP BY holding_id
) AS t ON h.holding_id = t.holding_id
WHERE h.return_name = 'tvp_crime' AND coalesce(f.facts, 0) <> coalesce(t.tallied, 0)
