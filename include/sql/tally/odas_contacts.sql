-- Grain: holding, area of residence, quarter, and kind and category of contact.
-- Keys: holding_id, counted, area_code, starts_on.
-- Why: all contacts are counted under the kind's own name; its parts under kind and category.
INSERT INTO marts.tally (holding_id, area_code, starts_on, counted, amount)
SELECT
    c.holding_id,
    c.area_code,
    h.starts_on,
    CASE c.category WHEN 'all' THEN c.contact_type ELSE c.contact_type || ':' || c.category END,
    c.contacts
FROM warehouse.odas_contact AS c
INNER JOIN new_holding AS h ON c.holding_id = h.holding_id
