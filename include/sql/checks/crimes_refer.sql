-- Grain: one row an area and offence of the crime-level facts of which one is not known; none is a pass.
-- Keys: area_code, offence_code.
-- Why: the table is too large for these foreign keys, which look up every row; here each pair is looked up once.
-- Severity: error
SELECT
    c.area_code,
    c.offence_code,
    c.records
FROM (
    SELECT
        area_code,
        offence_code,
        count(*) AS records
    FROM warehouse.tvp_crime
    GROUP BY area_code, offence_code
) AS c
LEFT JOIN warehouse.dim_area AS a ON c.area_code = a.area_code
LEFT JOIN warehouse.dim_offence AS o ON c.offence_code = o.offence_code
WHERE a.area_code IS NULL OR o.offence_code IS NULL
