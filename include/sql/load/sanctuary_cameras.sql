-- Grain: event of a camera.
-- Keys: return_version_id, camera_reference, event.
-- Why: one camera is installed once, and later kept or removed.
INSERT INTO warehouse.sanctuary_camera (return_version_id, row_number, camera_reference, area_code, event, event_on, camera_type, reason)
SELECT
    h.return_version_id,
    s.row_number,
    s.camera_reference,
    s.district,
    s.event,
    s.event_on,
    s.camera_type,
    s.reason
FROM typed AS s
CROSS JOIN new_return_version AS h
