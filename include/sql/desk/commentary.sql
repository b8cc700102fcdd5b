-- Grain: one row a request for commentary that can still be answered, with what the lead sees of its exception, the newest text, the
-- draft, and the newest text about the same measure and area in an earlier quarter.
-- Keys: request_id.
-- Why: the page on which a lead writes commentary.
SELECT
    c.request_id,
    c.quarter_key,
    c.lead,
    c.due_on,
    c.explanation,
    c.chart,
    (
        SELECT w.commentary_text FROM release.commentary AS w
        WHERE w.request_id = c.request_id
        ORDER BY w.commentary_id DESC
        LIMIT 1
    ) AS commentary_text,
    d.draft_text,
    e.quarter_key AS earlier_quarter_key,
    e.commentary_text AS earlier_text
FROM release.commentary_request AS c
LEFT JOIN desk.commentary_draft AS d ON c.request_id = d.request_id
LEFT JOIN LATERAL (
    SELECT
        o.quarter_key,
        w.commentary_text
    FROM release.commentary_request AS o
    INNER JOIN release.commentary AS w ON o.request_id = w.request_id
    WHERE o.measure_id = c.measure_id AND o.area_code = c.area_code AND o.quarter_key < c.quarter_key
    ORDER BY o.quarter_key DESC, w.commentary_id DESC
    LIMIT 1
) AS e ON true
WHERE c.due_on >= %(day)s AND (c.lead = any(%(leads)s) OR %(every_lead)s)
ORDER BY c.due_on, c.lead, c.request_id
