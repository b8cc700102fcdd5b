-- Grain: one row with the time from which a return version is known.
-- Keys: none; for one return, source and period.
-- Why: a return is known from its receipt. But a release may have been prepared after that, before any of our versions of the period.
-- That release did not know the return. The return is then known from now, so that the history of the release does not change.
-- A release reads no return of a later quarter, but always the newest list of peers.
WITH later AS (
    SELECT min(lower(h.known_during)) AS known_from
    FROM warehouse.return_version AS h
    WHERE
        h.return_name = %(return_name)s
        AND h.source = %(source)s
        AND h.period && daterange(%(starts_on)s, %(ends_on)s, '[]')
        AND lower(h.known_during) > %(received_at)s
)

SELECT
    CASE
        WHEN EXISTS (
            SELECT 1
            FROM release.candidate AS c
            INNER JOIN warehouse.dim_quarter AS q ON c.quarter_key = q.quarter_key
            WHERE
                (q.ends_on >= %(starts_on)s OR %(of_no_quarter)s)
                AND c.known_at >= %(received_at)s
                AND c.known_at < coalesce(later.known_from, 'infinity')
        ) THEN clock_timestamp()
        ELSE %(received_at)s::timestamptz
    END AS known_from
FROM later
