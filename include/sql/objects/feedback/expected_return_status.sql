-- Grain: return that a sender owes for a quarter that has begun.
-- Keys: return_name, source, quarter_key.
-- Why: which returns are owed and received on any day. An accepted file settles the return, whatever came after it. The newest
-- decision about an extension counts before the register of extensions. An accepted file may still need a signature.
CREATE OR REPLACE FUNCTION feedback.expected_return_status_on(day date)
RETURNS TABLE (
    return_name text, return_title text, source text, source_name text, quarter_key text, quarter_label text, due_on date, deadline date,
    extended_by text, extension_why text, state text, days_late integer, attempts bigint, newest_receipt text, newest_received_at timestamptz,
    nil_return boolean, synthetic boolean, open_tasks bigint, unsigned_receipt text
) LANGUAGE sql STABLE AS $$
SELECT
    e.return_name,
    r.return_title,
    e.source,
    p.source_name,
    e.quarter_key,
    q.quarter_label,
    e.due_on,
    w.deadline,
    x.allowed_by,
    x.why,
    w.state,
    CASE WHEN w.state IN ('late', 'refused') THEN greatest(day - w.deadline, 0) ELSE 0 END,
    coalesce(n.attempts, 0),
    n.newest_receipt,
    n.newest_received_at,
    coalesce(n.nil_return, FALSE),
    coalesce(n.synthetic, FALSE),
    (
        SELECT count(*) FROM feedback.task AS k
        WHERE (k.return_name, k.source, k.quarter_key, k.state) = (e.return_name, e.source, e.quarter_key, 'open')
    ),
    CASE WHEN r.signed_from <= q.starts_on AND NOT n.accepted_signed THEN n.accepted_receipt END
FROM feedback.expected_return AS e
INNER JOIN warehouse.dim_return AS r ON e.return_name = r.return_name
INNER JOIN warehouse.dim_source AS p ON e.source = p.source
INNER JOIN warehouse.dim_quarter AS q ON e.quarter_key = q.quarter_key
LEFT JOIN LATERAL (
    SELECT d.*
    FROM feedback.extension AS d
    WHERE
        (d.return_name, d.source, d.quarter_key) = (e.return_name, e.source, e.quarter_key)
        AND d.decided_at < (day + 1)::timestamp AT TIME ZONE 'Europe/London'
    ORDER BY d.decided_at DESC
    LIMIT 1
) AS d ON TRUE
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN d.extension_id IS NULL THEN e.extended_to ELSE d.until END AS until,
        CASE WHEN d.extension_id IS NULL THEN e.extended_by WHEN d.until IS NOT NULL THEN d.allowed_by END AS allowed_by,
        CASE WHEN d.extension_id IS NULL THEN e.extension_why WHEN d.until IS NOT NULL THEN d.why END AS why
) AS x
LEFT JOIN LATERAL (
    SELECT
        count(*) AS attempts,
        bool_or(s.status = 'accepted') AS accepted,
        (array_agg(s.status ORDER BY s.received_at DESC))[1] AS newest_status,
        (array_agg(s.receipt ORDER BY s.received_at DESC))[1] AS newest_receipt,
        max(s.received_at) AS newest_received_at,
        (array_agg(s.nil_return ORDER BY s.status = 'accepted' DESC, s.received_at DESC))[1] AS nil_return,
        bool_or(s.synthetic) AS synthetic,
        (array_agg(s.receipt ORDER BY s.received_at DESC) FILTER (WHERE s.status = 'accepted'))[1] AS accepted_receipt,
        (array_agg(g.content_hash IS NOT NULL ORDER BY s.received_at DESC) FILTER (WHERE s.status = 'accepted'))[1] AS accepted_signed
    FROM intake.submission AS s
    LEFT JOIN feedback.signature AS g
        ON
            (s.return_name, s.source, s.quarter_key, s.content_hash) = (g.return_name, g.source, g.quarter_key, g.content_hash)
            AND g.signed_at < (day + 1)::timestamp AT TIME ZONE 'Europe/London'
    WHERE
        (s.return_name, s.source, s.quarter_key) = (e.return_name, e.source, e.quarter_key)
        AND s.received_at < (day + 1)::timestamp AT TIME ZONE 'Europe/London'
) AS n ON TRUE
CROSS JOIN LATERAL (
    SELECT
        coalesce(x.until, e.due_on) AS deadline,
        CASE
            WHEN n.accepted THEN 'received'
            WHEN n.newest_status = 'refused' THEN 'refused'
            WHEN n.newest_status IS NOT NULL THEN 'being_checked'
            WHEN day > coalesce(x.until, e.due_on) THEN 'late'
            WHEN day > q.ends_on THEN 'due'
            ELSE 'not_due'
        END AS state
) AS w
WHERE q.starts_on <= day
$$;
COMMENT ON FUNCTION feedback.expected_return_status_on(date) IS
'Every return that was owed on a day, with what had come by then: not_due, due, late, being_checked, refused (owes a correction) or received';

CREATE VIEW feedback.expected_return_status AS
SELECT
    e.return_name,
    e.return_title,
    e.source,
    e.source_name,
    e.quarter_key,
    e.quarter_label,
    e.due_on,
    e.deadline,
    e.extended_by,
    e.extension_why,
    e.state,
    e.days_late,
    e.attempts,
    e.newest_receipt,
    e.newest_received_at,
    e.nil_return,
    e.synthetic,
    e.open_tasks,
    e.unsigned_receipt
FROM feedback.expected_return_status_on((now() AT TIME ZONE 'Europe/London')::date) AS e;
COMMENT ON VIEW feedback.expected_return_status IS 'Which returns are owed and received today';
COMMENT ON COLUMN feedback.expected_return_status.return_name IS 'Which return';
COMMENT ON COLUMN feedback.expected_return_status.return_title IS 'Its title for people';
COMMENT ON COLUMN feedback.expected_return_status.source IS 'Who owes it';
COMMENT ON COLUMN feedback.expected_return_status.source_name IS 'Their full name';
COMMENT ON COLUMN feedback.expected_return_status.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.expected_return_status.quarter_label IS 'The quarter as people write it';
COMMENT ON COLUMN feedback.expected_return_status.due_on IS 'By when, as its contract says';
COMMENT ON COLUMN feedback.expected_return_status.deadline IS 'By when, with any extension';
COMMENT ON COLUMN feedback.expected_return_status.extended_by IS 'Who allowed the extension; NULL where there is none';
COMMENT ON COLUMN feedback.expected_return_status.extension_why IS 'Why it was allowed; NULL where there is none';
COMMENT ON COLUMN feedback.expected_return_status.state IS
'not_due (the quarter has not ended), due, late, being_checked, refused (a correction is owed) or received (a file was accepted)';
COMMENT ON COLUMN feedback.expected_return_status.days_late IS 'Days since the deadline; 0 where it is not late or not owed any more';
COMMENT ON COLUMN feedback.expected_return_status.attempts IS 'How many files came for it';
COMMENT ON COLUMN feedback.expected_return_status.newest_receipt IS 'Receipt of the newest file; NULL where none came';
COMMENT ON COLUMN feedback.expected_return_status.newest_received_at IS 'When it came; NULL where none came';
COMMENT ON COLUMN feedback.expected_return_status.nil_return IS 'Whether the accepted file, else the newest, is a nil return';
COMMENT ON COLUMN feedback.expected_return_status.synthetic IS 'Whether any of the files is a made-up sample';
COMMENT ON COLUMN feedback.expected_return_status.open_tasks IS 'How many of its tasks are open';
COMMENT ON COLUMN feedback.expected_return_status.unsigned_receipt IS 'Receipt of the accepted file if it still needs a signature; NULL otherwise';
