-- Grain: holding, area as given, quarter, and number or whole of an indicator.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: the whole is counted under its own name, so that a share has its denominator.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    i.holding_id,
    i.area_code,
    h.starts_on,
    n.counted,
    n.amount
FROM warehouse.indicator AS i
INNER JOIN new_holding AS h ON i.holding_id = h.holding_id
CROSS JOIN
    LATERAL (
        VALUES
        (i.indicator, i.numerator),
        (i.indicator || ':of', i.denominator)
    ) AS n (counted, amount)
WHERE n.amount IS NOT NULL
