-- Grain: one holding.
-- Keys: return, source and period, without overlap in what was known (an exclusion constraint).
-- Why: holds this submission true from its receipt until the next that is already known: an old return that is loaded
-- afterwards takes its place in the chain.
WITH later AS (
    SELECT min(lower(h.known)) AS known_from
    FROM warehouse.holding AS h
    WHERE
        h.return_name = %(return_name)s
        AND h.source = %(source)s
        AND h.period && daterange(%(starts_on)s, %(ends_on)s, '[]')
        AND lower(h.known) > %(known_from)s
),

opened AS (
    INSERT INTO warehouse.holding (return_name, source, submission_id, period, known, made_up)
    SELECT
        %(return_name)s,
        %(source)s,
        %(submission_id)s,
        daterange(%(starts_on)s, %(ends_on)s, '[]'),
        tstzrange(%(known_from)s, later.known_from),
        %(made_up)s
    FROM later
    RETURNING holding_id
)

INSERT INTO new_holding (holding_id, starts_on, ends_on)
SELECT
    holding_id,
    %(starts_on)s,
    %(ends_on)s
FROM opened
