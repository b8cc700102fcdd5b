-- Grain: one row a message of a partner, with our answer if there is one; the newest first, unanswered ones before all others.
-- Keys: message_id.
-- Why: what partners told us, and what we answered.
SELECT
    m.message_id,
    m.return_name,
    r.return_title,
    m.source,
    p.source_name,
    m.quarter_key,
    q.quarter_label,
    m.subject,
    m.message_text,
    m.sent_by,
    m.sent_at,
    a.answer_text,
    a.answered_by,
    a.answered_at
FROM desk.message AS m
INNER JOIN warehouse.dim_return AS r ON m.return_name = r.return_name
INNER JOIN warehouse.dim_source AS p ON m.source = p.source
INNER JOIN warehouse.dim_quarter AS q ON m.quarter_key = q.quarter_key
LEFT JOIN desk.answer AS a ON m.message_id = a.message_id
WHERE m.source = coalesce(%(source)s, m.source) AND m.message_id = coalesce(%(message_id)s, m.message_id)
ORDER BY a.message_id IS NOT NULL, m.sent_at DESC
LIMIT 40
