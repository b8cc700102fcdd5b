-- Grain: holding, area of residence, quarter, and kind and category of contact.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: all contacts are counted under the kind's own name; its parts under kind and category.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    c.return_version_id,
    c.area_code,
    h.starts_on,
    CASE c.category WHEN 'all' THEN c.contact_type ELSE c.contact_type || ':' || c.category END,
    c.contacts
FROM warehouse.domestic_abuse_contact AS c
INNER JOIN new_return_version AS h ON c.return_version_id = h.return_version_id
