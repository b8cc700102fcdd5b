-- Grain: authority and partnership.
-- Keys: return_version_id, authority_code, partnership_code.
-- Why: some partnerships are of several authorities, and some authorities have several partnerships.
INSERT INTO warehouse.authority_partnership (
    return_version_id, row_number, authority_code, authority_name, partnership_code, partnership_name, force_code, force_name, area_code
)
SELECT
    h.return_version_id,
    s.row_number,
    s.authority_code,
    s.authority_name,
    s.partnership_code,
    s.partnership_name,
    s.force_code,
    s.force_name,
    coalesce(d.area_code, 'ELSEWHERE')
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
