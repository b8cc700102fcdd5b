-- Grain: holding, area of residence, quarter and service.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: the return already counts by service.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    s.return_version_id,
    s.area_code,
    h.starts_on,
    s.service,
    s.clients
FROM warehouse.domestic_abuse_client AS s
INNER JOIN new_return_version AS h ON s.return_version_id = h.return_version_id
