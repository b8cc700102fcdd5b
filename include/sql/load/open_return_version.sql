-- Grain: one return version.
-- Keys: return, source and period; their known times do not overlap (an exclusion constraint).
-- Why: this submission is current from its receipt until the next one that we know. So an old return that is loaded late gets its
-- place in the history.
WITH later AS (
    SELECT min(lower(h.known_during)) AS known_from
    FROM warehouse.return_version AS h
    WHERE
        h.return_name = %(return_name)s
        AND h.source = %(source)s
        AND h.period && daterange(%(starts_on)s, %(ends_on)s, '[]')
        AND lower(h.known_during) > %(known_from)s
),

opened AS (
    INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during, synthetic)
    SELECT
        %(return_name)s,
        %(source)s,
        %(submission_id)s,
        daterange(%(starts_on)s, %(ends_on)s, '[]'),
        tstzrange(%(known_from)s, later.known_from),
        %(synthetic)s
    FROM later
    RETURNING return_version_id
)

INSERT INTO new_return_version (return_version_id, starts_on, ends_on)
SELECT
    return_version_id,
    %(starts_on)s,
    %(ends_on)s
FROM opened
