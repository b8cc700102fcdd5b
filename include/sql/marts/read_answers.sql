-- Grain: one row an answer of a sender, and figure that it is about.
-- Keys: return_name, source, quarter_key, component, area_code, answered_at.
-- Why: the notes next to the figures of a scorecard, as they were known at a time.
SELECT DISTINCT
    a.return_name,
    s.source_name,
    a.source,
    a.quarter_key,
    a.component,
    a.area_code,
    a.is_right,
    a.reason,
    a.answered_at
FROM marts.sender_question AS a
INNER JOIN warehouse.dim_source AS s ON a.source = s.source
WHERE
    a.quarter_key BETWEEN %(first)s AND %(last)s
    AND a.known_during @> %(known_at)s::timestamptz
    AND a.answered_at <= %(known_at)s::timestamptz
    AND coalesce(a.answered_again_at > %(known_at)s::timestamptz, TRUE)
ORDER BY a.return_name, a.source, a.quarter_key, a.answered_at, a.component, a.area_code
