-- Grain: authority, duty and reason.
-- Keys: return_version_id, row_number; London stands twice.
-- Why: the quarter is the holding's; England without London has no code.
INSERT INTO warehouse.homelessness_duty (
    return_version_id, row_number, authority_code, authority_name, area_code, duty, reason, households, missing_reason
)
SELECT
    h.return_version_id,
    s.row_number,
    nullif(s.authority_code, '-'),
    s.authority_name,
    coalesce(d.area_code, 'ELSEWHERE'),
    s.duty,
    s.reason,
    s.households,
    s.missing_reason
FROM typed AS s
CROSS JOIN new_return_version AS h
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
