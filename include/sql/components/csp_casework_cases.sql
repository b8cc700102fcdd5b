-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: a case, its issue and its outcomes. A case may have several outcomes.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    1 AS value
FROM warehouse.asb_case AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('cases'),
        (f.issue),
        (CASE WHEN f.resolved THEN 'cases_resolved' END),
        (CASE WHEN f.joint_enforcement THEN 'joint_enforcement' END),
        (CASE WHEN f.joint_support THEN 'joint_support' END),
        (CASE WHEN f.behaviour_reduced THEN 'behaviour_reduced' END)
    ) AS n (component)
WHERE n.component IS NOT NULL
