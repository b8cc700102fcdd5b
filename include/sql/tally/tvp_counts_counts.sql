-- Grain: holding, district, month and measure.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: the return already counts by month.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    c.return_version_id,
    c.area_code,
    c.month_starts_on,
    c.component,
    c.records
FROM warehouse.police_count AS c
INNER JOIN new_return_version AS h ON c.return_version_id = h.return_version_id
