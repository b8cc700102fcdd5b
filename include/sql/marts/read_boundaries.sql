-- Grain: closed line of one of our districts, in the newest boundaries that we knew.
-- Keys: area_code, line.
-- Why: maps of a release are drawn from the boundaries of one file, so that neighbours fit.
WITH known AS (
    SELECT
        b.*,
        max(b.quarter_key) OVER () AS newest
    FROM warehouse.district_outline_known_at(%(known_at)s) AS b
)

SELECT
    k.return_name,
    k.quarter_key,
    k.area_code,
    k.points
FROM known AS k
INNER JOIN warehouse.dim_area AS d ON k.area_code = d.area_code
WHERE k.quarter_key = k.newest AND d.area_type = 'district'
ORDER BY d.sort_order, k.line
