-- Grain: holding, district, quarter and what became of the case.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: a district without a case counts 0, because the return was received.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    h.return_version_id,
    d.area_code,
    h.starts_on,
    n.component,
    coalesce(sum(n.value), 0)
FROM new_return_version AS h
CROSS JOIN warehouse.dim_area AS d
LEFT JOIN warehouse.mediation_case AS f ON h.return_version_id = f.return_version_id AND d.area_code = f.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('offered', (f.case_reference IS NOT NULL)::integer),
        ('referred', f.referred::integer),
        ('mediator_input', f.mediator_input::integer),
        ('agreement', f.agreement::integer),
        ('further_incidents', f.further_incidents::integer),
        ('fee', f.fee_gbp)
    ) AS n (component, value)
WHERE d.area_type = 'district'
GROUP BY h.return_version_id, d.area_code, h.starts_on, n.component
