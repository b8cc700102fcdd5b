-- Grain: row of a return, area and component.
-- Keys: return_version_id, table_name, row_number, area_code, component.
-- Why: the way from a component total back to the rows that make it.
CREATE VIEW warehouse.component_row AS
SELECT
    f.return_version_id,
    'counts' AS table_name,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.component,
    f.records::numeric AS value
FROM warehouse.police_count AS f
UNION ALL
SELECT
    f.return_version_id,
    'street' AS table_name,
    f.row_number,
    f.area_code,
    f.month_starts_on,
    n.component,
    1 AS value
FROM warehouse.street_crime AS f
CROSS JOIN
    LATERAL (
        VALUES
        (f.offence_code),
        ('all_records'),
        (CASE WHEN f.offence_code <> 'anti_social_behaviour' THEN 'all_crime' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'contacts' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    CASE f.category WHEN 'all' THEN f.contact_type ELSE f.contact_type || ':' || f.category END AS component,
    f.contacts AS value
FROM warehouse.domestic_abuse_contact AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'services' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    f.service AS component,
    f.clients AS value
FROM warehouse.domestic_abuse_client AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'cases' AS table_name,
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
UNION ALL
SELECT
    f.return_version_id,
    'funding' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    'funding' AS component,
    f.amount_gbp
FROM warehouse.mediation_funding AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
UNION ALL
SELECT
    f.return_version_id,
    'jobs' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.sanctuary_job AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('referrals', CASE WHEN v.period @> f.referred_on THEN 1 END),
        ('secured', CASE WHEN f.secured AND v.period @> f.completed_on THEN 1 END),
        ('works_cost', CASE WHEN f.secured AND v.period @> f.completed_on THEN f.works_cost_gbp END),
        ('days_to_complete', CASE WHEN f.secured AND v.period @> f.completed_on THEN f.completed_on - f.referred_on END),
        ('secured:' || f.reason, CASE WHEN f.secured AND v.period @> f.completed_on AND f.reason <> 'other' THEN 1 END),
        ('works_cost:' || f.reason, CASE WHEN f.secured AND v.period @> f.completed_on AND f.reason <> 'other' THEN f.works_cost_gbp END)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'cameras' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    1 AS value
FROM warehouse.sanctuary_camera AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.event),
        (CASE WHEN f.event = 'installed' THEN 'installed:' || f.camera_type END),
        (CASE WHEN f.event = 'installed' AND f.reason = 'domestic_abuse' THEN 'installed:domestic_abuse' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'indicators' AS table_name,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.indicator AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        (f.indicator, f.numerator),
        (f.indicator || ':of', f.denominator)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
UNION ALL
SELECT
    f.return_version_id,
    'outcomes' AS table_name,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    n.component,
    1 AS value
FROM warehouse.crime_outcome AS f
CROSS JOIN LATERAL (VALUES (f.outcome_code), ('all_outcomes')) AS n (component);
COMMENT ON VIEW warehouse.component_row IS
'What each row of a return adds to each component: one row a row of the return, area and component. Summed it is marts.component_total';
COMMENT ON COLUMN warehouse.component_row.return_version_id IS 'Return version that it belongs to';
COMMENT ON COLUMN warehouse.component_row.table_name IS 'The contract''s table';
COMMENT ON COLUMN warehouse.component_row.row_number IS 'Row of the sheet, line of the file, or running number within an archive';
COMMENT ON COLUMN warehouse.component_row.area_code IS 'Area as reported';
COMMENT ON COLUMN warehouse.component_row.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN warehouse.component_row.component IS 'Component of the return, as the register of measures names it';
COMMENT ON COLUMN warehouse.component_row.value IS 'What the row adds: how many, or pounds, or days';
