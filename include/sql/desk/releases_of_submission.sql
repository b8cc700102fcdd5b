-- Grain: one row a release that uses a return, the newest first.
-- Keys: quarter_key, number.
-- Why: a partner reads which releases use what they sent. A release uses what was current at its snapshot time, for its quarter and those on
-- which it looks back.
SELECT
    l.quarter_key,
    q.quarter_label,
    l.number,
    l.released_at
FROM release.release AS l
INNER JOIN warehouse.dim_quarter AS q ON l.quarter_key = q.quarter_key
WHERE
    EXISTS (
        SELECT FROM warehouse.return_version AS v
        WHERE
            v.submission_id = %(submission_id)s
            AND v.known_during @> l.known_at
            AND v.period && daterange((q.starts_on - make_interval(months => 3 * (%(lookback)s - 1)))::date, q.ends_on, '[]')
    )
ORDER BY l.quarter_key DESC, l.number DESC
