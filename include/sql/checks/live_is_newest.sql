-- Grain: one row for each period whose current return version is not the newest accepted one; none is a pass.
-- Keys: return_name, source, period.
-- Why: only the newest accepted submission is current, and the history before it has no gap.
-- Severity: error
-- Rule: The newest accepted return is the one that counts.
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
