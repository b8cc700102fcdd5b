-- Grain: holding, district, quarter and what became of the case.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: a district without a case counts 0, because the return was received.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    h.holding_id,
    d.area_code,
    h.starts_on,
    n.counted,
    coalesce(sum(n.amount), 0)
FROM new_holding AS h
CROSS JOIN warehouse.dim_area AS d
LEFT JOIN warehouse.mediation_case AS f ON h.holding_id = f.holding_id AND d.area_code = f.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('offered', (f.case_reference IS NOT NULL)::integer),
        ('referred', f.referred::integer),
        ('mediator_input', f.mediator_input::integer),
        ('agreement', f.agreement::integer),
        ('further_incidents', f.further_incidents::integer),
        ('fee', f.fee_gbp)
    ) AS n (counted, amount)
WHERE d.area_type = 'district'
GROUP BY h.holding_id, d.area_code, h.starts_on, n.counted
