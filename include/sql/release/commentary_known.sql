-- Grain: one row an exception of a quarter on which a lead was asked to comment, as it was known at a time.
-- Keys: measure_id, area_code.
-- Why: the newest commentary counts, whichever request it answers; without one, the last day of the newest request.
SELECT DISTINCT ON (r.measure_id, r.area_code)
    r.measure_id,
    r.area_code,
    r.due_on,
    c.commentary_text AS said,
    (c.given_at AT TIME ZONE 'Europe/London')::date AS given_on
FROM release.commentary_request AS r
LEFT JOIN release.commentary AS c ON r.request_id = c.request_id AND c.recorded_at <= %(known_at)s
WHERE r.quarter_key = %(quarter_key)s AND r.requested_at <= %(known_at)s
ORDER BY r.measure_id ASC, r.area_code ASC, c.recorded_at DESC NULLS LAST, c.commentary_id DESC, r.due_on DESC
