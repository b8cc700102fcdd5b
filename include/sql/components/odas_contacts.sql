-- Grain: row of the return, area and component.
-- Keys: return_version_id, row_number, area_code, component.
-- Why: what a row counts: all contacts of a kind, or the part of them that is in its category.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    CASE f.category WHEN 'all' THEN f.contact_type ELSE f.contact_type || ':' || f.category END AS component,
    f.contacts AS value
FROM warehouse.domestic_abuse_contact AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
