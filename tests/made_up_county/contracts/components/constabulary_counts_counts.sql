-- Grain: row of the return, area and component.
-- Keys: return_version_id, row_number, area_code, component.
-- Why: the return has its counts already added up.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    f.month_starts_on AS starts_on,
    f.component,
    f.records AS value
FROM warehouse.constabulary_count AS f
