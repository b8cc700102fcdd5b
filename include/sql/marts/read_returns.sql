-- Grain: one row a return, sender and quarter, for every sender who feeds a measure or has sent a file.
-- Keys: return_name, source, quarter_key.
-- Why: a scorecard says what it rests on and what is missing. What we have decides the state, and the newest file only where we have
-- nothing: a refused correction does not undo what was accepted. received_on is when we last learned anything, first_known_on when we first
-- knew a figure.
-- All as it was known at a time; what was not decided then was being checked. What was received before a release was prepared and
-- written down after it counts from then, as it does for facts (load/known_from.sql): a release can be rebuilt.
WITH sent AS (
    SELECT
        s.submission_id,
        s.return_name,
        s.source,
        s.quarter_key,
        s.status,
        s.received_at,
        s.decided_at
    FROM intake.submission AS s
    WHERE
        s.received_at <= %(known_at)s::timestamptz
        AND (
            s.recorded_at <= %(known_at)s::timestamptz
            OR NOT EXISTS (
                SELECT 1
                FROM release.candidate AS c
                WHERE c.known_at >= s.received_at AND c.known_at < s.recorded_at
            )
        )
),

owed AS (
    SELECT
        m.return_name,
        m.source
    FROM marts.dim_measure AS m
    UNION
    SELECT
        s.return_name,
        s.source
    FROM sent AS s
),

newest AS (
    SELECT DISTINCT ON (s.return_name, s.source, s.quarter_key)
        s.submission_id,
        s.return_name,
        s.source,
        s.quarter_key,
        CASE WHEN s.decided_at <= %(known_at)s::timestamptz THEN s.status ELSE 'received' END AS status,
        s.received_at
    FROM sent AS s
    ORDER BY s.return_name ASC, s.source ASC, s.quarter_key ASC, s.received_at DESC
),

held AS (
    SELECT
        h.return_name,
        h.source,
        q.quarter_key,
        sum(extract(MONTH FROM age(upper(h.period), lower(h.period)))) AS months,
        max(lower(h.known_during)) AS known_at
    FROM warehouse.return_version AS h
    INNER JOIN warehouse.dim_quarter AS q ON h.period && daterange(q.starts_on, q.ends_on, '[]')
    WHERE h.known_during @> %(known_at)s::timestamptz
    GROUP BY h.return_name, h.source, q.quarter_key
),

first_known AS (
    SELECT
        h.return_name,
        h.source,
        q.quarter_key,
        min(lower(h.known_during)) AS known_from
    FROM warehouse.return_version AS h
    INNER JOIN warehouse.dim_quarter AS q ON h.period && daterange(q.starts_on, q.ends_on, '[]')
    WHERE lower(h.known_during) <= %(known_at)s::timestamptz
    GROUP BY h.return_name, h.source, q.quarter_key
),

reasons AS (
    SELECT
        f.submission_id,
        array_agg(DISTINCT f.message ORDER BY f.message) AS message
    FROM quality.finding AS f
    INNER JOIN quality.rule AS r ON f.rule_id = r.rule_id
    WHERE r.severity = 'critical'
    GROUP BY f.submission_id
)

SELECT
    r.return_name,
    r.return_title,
    s.source,
    s.source_name,
    q.quarter_key,
    r.expected,
    CASE
        WHEN h.months >= 3 THEN 'accepted'
        WHEN h.months > 0 THEN 'partial'
        WHEN n.status = 'refused' THEN 'refused'
        WHEN n.status IS NOT NULL THEN 'being_checked'
        ELSE 'not_received'
    END AS state,
    (greatest(h.known_at, n.received_at) AT TIME ZONE 'Europe/London')::date AS received_on,
    CASE WHEN n.status = 'refused' THEN coalesce(w.message, '{}') ELSE '{}' END AS reasons,
    (f.known_from AT TIME ZONE 'Europe/London')::date AS first_known_on
FROM owed AS o
INNER JOIN warehouse.dim_return AS r ON o.return_name = r.return_name
INNER JOIN warehouse.dim_source AS s ON o.source = s.source
CROSS JOIN warehouse.dim_quarter AS q
LEFT JOIN newest AS n
    ON o.return_name = n.return_name AND o.source = n.source AND q.quarter_key = n.quarter_key
LEFT JOIN held AS h
    ON o.return_name = h.return_name AND o.source = h.source AND q.quarter_key = h.quarter_key
LEFT JOIN first_known AS f
    ON o.return_name = f.return_name AND o.source = f.source AND q.quarter_key = f.quarter_key
LEFT JOIN reasons AS w ON n.submission_id = w.submission_id
WHERE q.quarter_key BETWEEN %(first)s AND %(last)s
ORDER BY r.return_name, s.source, q.quarter_key
