-- Grain: one row, where measure, area and quarter exist.
-- Keys: none.
-- Why: the figure as it is on the scorecard, with what it is divided by; no numerator where it was not received or is withheld.
SELECT
    m.measure_id,
    m.title,
    m.kind,
    m.unit,
    m.note,
    d.area_code,
    d.area_name,
    q.quarter_key,
    q.quarter_label,
    o.numerator,
    o.denominator,
    marts.figure(m.kind, o.numerator, o.denominator) AS value,
    o.complete,
    o.synthetic,
    o.missing_reason,
    CASE WHEN m.has_rate AND o.complete THEN 1000 * o.numerator / p.persons END AS rate_per_1000,
    p.persons AS residents,
    p.mid_year AS residents_mid_year
FROM marts.dim_measure AS m
CROSS JOIN warehouse.dim_area AS d
CROSS JOIN warehouse.dim_quarter AS q
LEFT JOIN marts.observation_known_at(%(known_at)s) AS o
    ON m.measure_id = o.measure_id AND d.area_code = o.area_code AND q.quarter_key = o.quarter_key
LEFT JOIN marts.residents AS p ON d.area_code = p.area_code AND q.quarter_key = p.quarter_key
WHERE m.measure_id = %(measure)s AND d.area_code = %(area)s AND q.quarter_key = %(quarter)s
