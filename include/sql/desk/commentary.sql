-- Grain: one row a request for commentary that can still be answered, with the newest text and the draft.
-- Keys: request_id.
-- Why: the page on which a lead writes commentary.
SELECT
    c.request_id,
    c.quarter_key,
    c.lead,
    c.due_on,
    (
        SELECT w.commentary_text FROM release.commentary AS w
        WHERE w.request_id = c.request_id
        ORDER BY w.commentary_id DESC
        LIMIT 1
    ) AS commentary_text,
    d.draft_text
FROM release.commentary_request AS c
LEFT JOIN desk.commentary_draft AS d ON c.request_id = d.request_id
WHERE c.due_on >= %(day)s AND (c.lead = any(%(leads)s) OR %(every_lead)s)
ORDER BY c.due_on, c.lead, c.request_id
