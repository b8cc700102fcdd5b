-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: an event, and of installations the kind of camera and whether it is for domestic abuse.
SELECT
    f.return_version_id,
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
