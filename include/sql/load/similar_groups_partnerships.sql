-- Grain: district and place in its list.
-- Keys: return_version_id, area_code, place.
-- Why: the list names whose group it is by district, as the ONS has a partnership for each.
INSERT INTO warehouse.similar_partnership (return_version_id, row_number, made_by, list_year, area_code, place, similar_code, similar_name)
SELECT
    h.return_version_id,
    s.row_number,
    s.made_by,
    s.list_year,
    s.partnership,
    s.place,
    s.similar_code,
    s.similar_name
FROM typed AS s
CROSS JOIN new_return_version AS h
