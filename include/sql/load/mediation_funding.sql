-- Grain: partnership.
-- Keys: return_version_id, area_code.
-- Why: funding is given by partnership.
INSERT INTO warehouse.mediation_funding (return_version_id, row_number, area_code, amount_gbp)
SELECT
    h.return_version_id,
    s.row_number,
    s.csp,
    s.amount
FROM typed AS s
CROSS JOIN new_return_version AS h
