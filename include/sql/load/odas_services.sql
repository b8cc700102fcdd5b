-- Grain: service and area of residence: the sheet's area columns become rows.
-- Keys: return_version_id, service, area_code.
-- Why: as for contacts, clients from elsewhere are rows and never gaps.
INSERT INTO warehouse.domestic_abuse_client (return_version_id, row_number, service, area_code, clients)
SELECT
    h.return_version_id,
    s.row_number,
    s.service,
    d.area_code,
    d.clients
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
) AS d (area_code, clients)
