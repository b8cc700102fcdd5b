-- Grain: authority, duty and reason.
-- Keys: holding_id, row_number; London stands twice.
-- Why: the quarter is the holding's; England without London has no code.
INSERT INTO warehouse.homelessness_duty (
    holding_id, row_number, authority_code, authority_name, area_code, duty, reason, households, why_missing
)
SELECT
    h.holding_id,
    s.row_number,
    nullif(s.authority_code, '-'),
    s.authority_name,
    coalesce(d.area_code, 'ELSEWHERE'),
    s.duty,
    s.reason,
    s.households,
    s.why_missing
FROM typed AS s
CROSS JOIN new_holding AS h
LEFT JOIN warehouse.dim_area AS d ON s.authority_code = d.area_code
