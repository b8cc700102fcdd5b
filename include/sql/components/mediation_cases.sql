-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: how far a case went, and its fee in pounds.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.mediation_case AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('offered', 1),
        ('referred', CASE WHEN f.referred THEN 1 END),
        ('mediator_input', CASE WHEN f.mediator_input THEN 1 END),
        ('agreement', CASE WHEN f.agreement THEN 1 END),
        ('further_incidents', CASE WHEN f.further_incidents THEN 1 END),
        ('fee', f.fee_gbp)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
