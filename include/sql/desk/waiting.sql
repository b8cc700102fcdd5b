-- Grain: one row.
-- Keys: none.
-- Why: what waits for the unit today, other than returns: messages, commentary, a release, letters that fail.
SELECT
    (SELECT count(*) FROM desk.message AS m WHERE NOT EXISTS (SELECT FROM desk.answer AS a WHERE a.message_id = m.message_id)) AS messages,
    (
        SELECT count(*)
        FROM release.commentary_request AS c
        WHERE c.due_on >= %(day)s AND NOT EXISTS (SELECT FROM release.commentary AS w WHERE w.request_id = c.request_id)
    ) AS commentary,
    (
        SELECT array_agg(DISTINCT q.quarter_label ORDER BY q.quarter_label)
        FROM release.proposal AS p
        INNER JOIN release.candidate AS c ON p.candidate_id = c.candidate_id
        INNER JOIN warehouse.dim_quarter AS q ON c.quarter_key = q.quarter_key
        WHERE
            p.candidate_id = (SELECT max(o.candidate_id) FROM release.proposal AS o)
            AND NOT EXISTS (SELECT FROM release.decision AS d WHERE d.candidate_id = p.candidate_id)
    ) AS releases,
    (SELECT count(*) FROM feedback.letter AS l WHERE l.state IN ('queued', 'sending') AND l.attempts > 0) AS failing_letters,
    (SELECT max(s.quarter_key) FROM intake.submission AS s) AS newest_quarter
