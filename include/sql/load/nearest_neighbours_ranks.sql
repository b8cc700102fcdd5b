-- Grain: authority and place in its list.
-- Keys: return_version_id, tier, authority_code, place.
-- Why: a list is of one tier; our districts stand in the lower, our county in the upper.
INSERT INTO warehouse.nearest_neighbour (return_version_id, row_number, tier, authority_code, authority_name, area_code, place, neighbour_code)
SELECT
    h.return_version_id,
    s.row_number,
    s.tier,
    s.authority_code,
    s.authority_name,
    coalesce(d.area_code, 'ELSEWHERE'),
    s.place,
    s.neighbour_code
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
