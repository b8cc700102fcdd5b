-- Grain: row of the return, area and component.
-- Keys: return_version_id, row_number, area_code, component.
-- Why: what a row counts. The return already counts by service.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    f.service AS component,
    f.clients AS value
FROM warehouse.domestic_abuse_client AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
