-- Grain: one row a period whose live holding is not the newest that was accepted; none is a pass.
-- Keys: return_name, source, period.
-- Why: only the newest accepted submission is today's truth, and the chain behind it has no gap.
-- Severity: error
SELECT
    h.return_name,
    h.source,
    h.period
FROM warehouse.holding AS h
GROUP BY h.return_name, h.source, h.period
HAVING
    count(*) FILTER (WHERE upper_inf(h.known)) <> 1
    OR max(lower(h.known)) <> max(lower(h.known)) FILTER (WHERE upper_inf(h.known))
    OR range_agg(h.known) <> multirange(tstzrange(min(lower(h.known)), NULL))
