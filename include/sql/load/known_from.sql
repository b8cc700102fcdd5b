-- Grain: one row, a time.
-- Keys: none; for one return, source and period.
-- Why: what we receive counts as known from its receipt. But if a release was prepared after that, and before anything that we have of
-- the period, the release did not know it: it counts as known from now, so that what the release rests on stays as it was.
-- A release looks at no return of a later quarter, but at the newest list of peers, whichever its year.
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
