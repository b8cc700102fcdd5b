-- Grain: one row, a quarter.
-- Keys: quarter_key.
-- Why: how far the scorecard of a quarter has come: returns, commentary, the candidate that waits and the newest release.
SELECT
    q.quarter_key,
    q.quarter_label,
    r.owed,
    r.received,
    c.asked,
    c.answered,
    c.due_on,
    l.number,
    l.released_at
FROM warehouse.dim_quarter AS q
LEFT JOIN LATERAL (
    SELECT
        count(*) AS owed,
        count(*) FILTER (WHERE e.state = 'received') AS received
    FROM feedback.expected_return_status_on(%(day)s) AS e
    WHERE e.quarter_key = q.quarter_key
) AS r ON true
LEFT JOIN LATERAL (
    SELECT
        count(*) AS asked,
        count(*) FILTER (WHERE EXISTS (SELECT FROM release.commentary AS w WHERE w.request_id = o.request_id)) AS answered,
        max(o.due_on) AS due_on
    FROM release.commentary_request AS o
    WHERE o.quarter_key = q.quarter_key
) AS c ON true
LEFT JOIN LATERAL (
    SELECT
        l.number,
        l.released_at
    FROM release.ledger AS l
    WHERE l.quarter_key = q.quarter_key
    ORDER BY l.number DESC
    LIMIT 1
) AS l ON true
WHERE q.quarter_key = %(quarter_key)s
