-- Grain: measure of counts and quarter, for the county.
-- Keys: measure_id, quarter_key.
-- Why: how much a figure is typically revised after it was first known, from our own holdings: what each period's first holding
-- counted, and what was counted by the one held at a time. Only quarters of which the same months were held both times.
WITH kept AS (
    SELECT
        h.holding_id,
        h.return_name,
        h.source,
        h.period,
        h.known @> %(known_at)s::timestamptz AS is_last,
        row_number() OVER (PARTITION BY h.return_name, h.source, h.period ORDER BY lower(h.known)) = 1 AS is_first
    FROM warehouse.holding AS h
    WHERE lower(h.known) <= %(known_at)s::timestamptz
)

SELECT
    m.measure_id,
    q.quarter_key,
    sum(t.amount) FILTER (WHERE k.is_first) AS first_known,
    sum(t.amount) FILTER (WHERE k.is_last) AS last_known
FROM kept AS k
INNER JOIN marts.tally AS t ON k.holding_id = t.holding_id
INNER JOIN marts.dim_measure AS m
    ON k.return_name = m.return_name AND k.source = m.source AND t.counted = m.numerator AND m.kind = 'count'
INNER JOIN warehouse.area_member AS a
    ON t.area_code = a.member_code AND (m.rolls_up OR a.area_code = a.member_code) AND a.valid @> t.starts_on
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code AND d.area_type = 'county'
INNER JOIN warehouse.dim_quarter AS q ON t.starts_on BETWEEN q.starts_on AND q.ends_on
WHERE
    (k.is_first OR k.is_last)
    AND m.valid && daterange(q.starts_on, q.ends_on, '[]')
    AND q.quarter_key BETWEEN %(first)s AND %(last)s
GROUP BY m.measure_id, q.quarter_key
HAVING
    count(DISTINCT t.starts_on) FILTER (WHERE k.is_first) = count(DISTINCT t.starts_on) FILTER (WHERE k.is_last)
    AND count(*) FILTER (WHERE k.is_first) > 0
ORDER BY m.measure_id, q.quarter_key
