-- Grain: holding, place, month and crime type, and all of them together.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: one pass over the records; a place without a record of a type counts 0, because the month was received.
-- crime_id marks crime: a blank one is anti-social behaviour. The holdings as an array, because to a list of values the planner
-- takes the way through the index; to a joined table it reads all years to count one quarter.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
WITH counted AS (
    SELECT
        c.holding_id,
        c.area_code,
        c.offence_code,
        count(*) AS amount
    FROM warehouse.tvp_crime AS c
    WHERE c.holding_id = any(array(SELECT h.holding_id FROM new_holding AS h))
    GROUP BY c.holding_id, c.area_code, c.offence_code
),

grid AS (
    SELECT
        h.holding_id,
        h.starts_on,
        a.area_code,
        o.offence_code
    FROM new_holding AS h
    CROSS JOIN warehouse.dim_area AS a
    CROSS JOIN warehouse.dim_offence AS o
    WHERE a.area_type = 'district' OR a.area_code IN ('ELSEWHERE', 'NO-LOCATION')
),

filled AS (
    SELECT
        g.holding_id,
        g.area_code,
        g.starts_on,
        g.offence_code,
        coalesce(c.amount, 0) AS amount
    FROM grid AS g
    LEFT JOIN counted AS c ON g.holding_id = c.holding_id AND g.area_code = c.area_code AND g.offence_code = c.offence_code
)

SELECT
    holding_id,
    area_code,
    starts_on,
    coalesce(offence_code, 'all_records') AS counted,
    sum(amount) AS amount
FROM filled
GROUP BY GROUPING SETS ((holding_id, area_code, starts_on, offence_code), (holding_id, area_code, starts_on))
UNION ALL
SELECT
    holding_id,
    area_code,
    starts_on,
    'all_crime' AS counted,
    sum(amount) FILTER (WHERE offence_code <> 'anti_social_behaviour') AS amount
FROM filled
GROUP BY holding_id, area_code, starts_on
