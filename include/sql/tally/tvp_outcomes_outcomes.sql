-- Grain: holding, place, month and outcome, and all of them together.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: a place without an outcome counts 0, because the month was received. Outcomes are counted in their own month; which crime each
-- belongs to is asked by marts.outcome_by_offence, because the crime's file may come later or never.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
WITH counted AS (
    SELECT
        f.holding_id,
        f.area_code,
        f.outcome_code,
        count(*) AS amount
    FROM warehouse.tvp_outcome AS f
    INNER JOIN new_holding AS h ON f.holding_id = h.holding_id
    GROUP BY f.holding_id, f.area_code, f.outcome_code
)

SELECT
    h.holding_id,
    a.area_code,
    h.starts_on,
    coalesce(o.outcome_code, 'all_outcomes') AS counted,
    coalesce(sum(c.amount), 0) AS amount
FROM new_holding AS h
CROSS JOIN warehouse.dim_area AS a
CROSS JOIN warehouse.dim_outcome AS o
LEFT JOIN counted AS c ON h.holding_id = c.holding_id AND a.area_code = c.area_code AND o.outcome_code = c.outcome_code
WHERE a.area_type = 'district' OR a.area_code IN ('ELSEWHERE', 'NO-LOCATION')
GROUP BY GROUPING SETS ((h.holding_id, a.area_code, h.starts_on, o.outcome_code), (h.holding_id, a.area_code, h.starts_on))
