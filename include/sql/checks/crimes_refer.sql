-- Grain: one row a holding, area and offence of the crime-level facts of which one is not known; none is a pass.
-- Keys: holding_id, area_code, offence_code.
-- Why: the table is too large for these foreign keys, which look up every row; here each combination is looked up once.
-- Severity: error
SELECT
    c.holding_id,
    c.area_code,
    c.offence_code,
    c.records
FROM (
    SELECT
        holding_id,
        area_code,
        offence_code,
        count(*) AS records
    FROM warehouse.tvp_crime
    GROUP BY holding_id, area_code, offence_code
) AS c
LEFT JOIN warehouse.holding AS h ON c.holding_id = h.holding_id
LEFT JOIN warehouse.dim_area AS a ON c.area_code = a.area_code
LEFT JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WHERE h.holding_id IS NULL OR a.area_code IS NULL OR o.offence_code IS NULL
