-- Grain: measure, area and month, for the returns that count by month.
-- Keys: measure_id, area_code, starts_on.
-- Why: a direction of travel rests on months where there are months; rolled up as marts.observation_known_on rolls up quarters.
SELECT
    m.measure_id,
    a.area_code,
    t.starts_on,
    sum(t.amount) FILTER (WHERE t.counted = m.numerator) AS numerator,
    sum(t.amount) FILTER (WHERE t.counted = m.denominator) AS denominator,
    bool_or(h.made_up) AS made_up
FROM warehouse.holding AS h
INNER JOIN marts.tally AS t ON h.holding_id = t.holding_id
INNER JOIN marts.dim_measure AS m
    ON h.return_name = m.return_name AND h.source = m.source AND t.counted IN (m.numerator, m.denominator)
INNER JOIN warehouse.dim_return AS r ON m.return_name = r.return_name AND r.period_months = 1
INNER JOIN warehouse.area_member AS a
    ON t.area_code = a.member_code AND (m.rolls_up OR a.area_code = a.member_code) AND a.valid @> t.starts_on
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code AND (d.source IS NULL OR m.source = d.source)
INNER JOIN warehouse.dim_quarter AS q
    ON t.starts_on BETWEEN q.starts_on AND q.ends_on AND m.valid && daterange(q.starts_on, q.ends_on, '[]')
WHERE
    h.known @> %(known_at)s::timestamptz
    AND q.quarter_key BETWEEN %(first)s AND %(last)s
GROUP BY m.measure_id, a.area_code, t.starts_on
HAVING count(*) FILTER (WHERE t.counted = m.numerator) > 0
ORDER BY m.measure_id, a.area_code, t.starts_on
