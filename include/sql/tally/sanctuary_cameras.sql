-- Grain: holding, district, quarter and event.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: a district without an event counts 0, because the return was received.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    h.return_version_id,
    d.area_code,
    h.starts_on,
    n.component,
    coalesce(sum(n.value), 0)
FROM new_return_version AS h
CROSS JOIN warehouse.dim_area AS d
LEFT JOIN warehouse.sanctuary_camera AS f ON h.return_version_id = f.return_version_id AND d.area_code = f.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('installed', (f.event = 'installed')::integer),
        ('installed:guard_camera', (f.event = 'installed' AND f.camera_type = 'guard_camera')::integer),
        ('installed:door_viewer', (f.event = 'installed' AND f.camera_type = 'door_viewer')::integer),
        ('installed:domestic_abuse', (f.event = 'installed' AND f.reason = 'domestic_abuse')::integer),
        ('kept', (f.event = 'kept')::integer),
        ('removed', (f.event = 'removed')::integer)
    ) AS n (component, value)
WHERE d.area_type = 'district'
GROUP BY h.return_version_id, d.area_code, h.starts_on, n.component
