-- Grain: month, measure and district: the sheet's district columns become rows.
-- Keys: return_version_id, month_starts_on, counted, area_code.
-- Why: the stated total has been checked and is not stored: it is the sum.
INSERT INTO warehouse.police_count (return_version_id, row_number, month_starts_on, component, area_code, records)
SELECT
    h.return_version_id,
    s.row_number,
    s.month,
    s.measure,
    d.area_code,
    d.records
FROM typed AS s
CROSS JOIN new_return_version AS h
CROSS JOIN LATERAL (
    VALUES
    ('E07000177', s.cherwell),
    ('E07000178', s.oxford),
    ('E07000179', s.south_oxfordshire),
    ('E07000180', s.vale_of_white_horse),
    ('E07000181', s.west_oxfordshire)
) AS d (area_code, records)
