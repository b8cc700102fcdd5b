-- Grain: kind of contact, category and area of residence: the sheet's area columns become rows.
-- Keys: return_version_id, contact_type, category, area_code.
-- Why: not disclosed, out of area and West Berkshire are rows: they count in the service's total and in no partnership.
INSERT INTO warehouse.domestic_abuse_contact (return_version_id, row_number, contact_type, category, area_code, contacts)
SELECT
    h.return_version_id,
    s.row_number,
    s.contact_type,
    s.category,
    d.area_code,
    d.contacts
FROM typed AS s
CROSS JOIN new_return_version AS h
CROSS JOIN LATERAL (
    VALUES
    ('E07000177', s.cherwell),
    ('E07000178', s.oxford),
    ('E07000179', s.south_oxfordshire),
    ('E07000180', s.vale_of_white_horse),
    ('E07000181', s.west_oxfordshire),
    ('E06000037', s.west_berkshire),
    ('OUT-OF-AREA', s.out_of_area),
    ('NOT-DISCLOSED', s.not_disclosed)
) AS d (area_code, contacts)
