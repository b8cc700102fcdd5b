-- Grain: row of the return, area and component.
-- Keys: return_version_id, row_number, area_code, component.
-- Why: what a row counts. The return already counts by month.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.component,
    f.records AS value
FROM warehouse.police_count AS f
