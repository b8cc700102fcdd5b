-- Grain: one row a question about figures of a quarter that its sender has not answered, or answered with "wrong".
-- Keys: question_id.
-- Why: an approver knows which figures may change before deciding. As it was known at a time.
WITH counting AS (
    SELECT DISTINCT
        q.question_id,
        q.is_right
    FROM marts.sender_question AS q
    WHERE
        q.answered_at <= %(known_at)s::timestamptz
        AND coalesce(q.answered_again_at > %(known_at)s::timestamptz, TRUE)
)

SELECT DISTINCT
    r.return_title,
    s.source_name,
    q.message,
    c.question_id IS NOT NULL AS is_wrong,
    q.question_id
FROM marts.sender_question AS q
INNER JOIN warehouse.dim_return AS r ON q.return_name = r.return_name
INNER JOIN warehouse.dim_source AS s ON q.source = s.source
LEFT JOIN counting AS c ON q.question_id = c.question_id
WHERE
    q.quarter_key = %(quarter_key)s
    AND q.known_during @> %(known_at)s::timestamptz
    AND NOT coalesce(c.is_right, FALSE)
ORDER BY r.return_title, s.source_name, q.question_id
