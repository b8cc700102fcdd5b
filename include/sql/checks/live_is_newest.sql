-- Grain: one row a period whose live holding is not the newest that was accepted; none is a pass.
-- Keys: return_name, source, period.
-- Why: only the newest accepted submission is today's truth, and the chain behind it has no gap.
-- Severity: error
SELECT
    h.return_name,
    h.source,
    h.period
FROM warehouse.return_version AS h
GROUP BY h.return_name, h.source, h.period
HAVING
    count(*) FILTER (WHERE upper_inf(h.known_during)) <> 1
    OR max(lower(h.known_during)) <> max(lower(h.known_during)) FILTER (WHERE upper_inf(h.known_during))
    OR range_agg(h.known_during) <> multirange(tstzrange(min(lower(h.known_during)), NULL))
