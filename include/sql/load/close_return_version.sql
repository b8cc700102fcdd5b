-- Grain: at most one return version for each period.
-- Keys: return, source and period; the exclusion constraint allows one current return version.
-- Why: the return version that was current when we received this submission ends at that moment; nothing is deleted.
UPDATE warehouse.return_version AS h
SET known_during = tstzrange(lower(h.known_during), %(known_from)s)
WHERE
    h.return_name = %(return_name)s
    AND h.source = %(source)s
    AND h.period && daterange(%(starts_on)s, %(ends_on)s, '[]')
    AND h.known_during @> %(known_from)s::timestamptz
