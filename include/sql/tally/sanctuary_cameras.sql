-- Grain: holding, district, quarter and event.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: a district without an event counts 0, because the return was received.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    h.holding_id,
    d.area_code,
    h.starts_on,
    n.counted,
    coalesce(sum(n.amount), 0)
FROM new_holding AS h
CROSS JOIN warehouse.dim_area AS d
LEFT JOIN warehouse.sanctuary_camera AS f ON h.holding_id = f.holding_id AND d.area_code = f.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('installed', (f.event = 'installed')::integer),
        ('installed:guard_camera', (f.event = 'installed' AND f.camera_type = 'guard_camera')::integer),
        ('installed:door_viewer', (f.event = 'installed' AND f.camera_type = 'door_viewer')::integer),
        ('installed:domestic_abuse', (f.event = 'installed' AND f.reason = 'domestic_abuse')::integer),
        ('kept', (f.event = 'kept')::integer),
        ('removed', (f.event = 'removed')::integer)
    ) AS n (counted, amount)
WHERE d.area_type = 'district'
GROUP BY h.holding_id, d.area_code, h.starts_on, n.counted
