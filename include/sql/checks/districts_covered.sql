-- Grain: one row a district and quarter that is not in exactly one partnership and one county; none is a pass.
-- Keys: area_code, quarter_key.
-- Why: a county-wide comparison covers all five districts, each once, at every date since the partnerships are as they are.
-- Severity: error
-- Rule: Every district is in one partnership and one county.
SELECT
    d.area_code,
    q.quarter_key
FROM warehouse.dim_area AS d
CROSS JOIN warehouse.dim_quarter AS q
LEFT JOIN warehouse.area_member AS m ON d.area_code = m.member_code AND m.valid @> q.starts_on AND d.area_code <> m.area_code
LEFT JOIN warehouse.dim_area AS w ON m.area_code = w.area_code
WHERE d.area_type = 'district' AND q.starts_on >= '2011-04-01'
GROUP BY d.area_code, q.quarter_key
HAVING count(*) FILTER (WHERE w.area_type = 'csp') <> 1 OR count(*) FILTER (WHERE w.area_type = 'county') <> 1
