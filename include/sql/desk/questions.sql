-- Grain: one row a question about the figures of a submission, with the newest answer if there is one.
-- Keys: finding_id.
-- Why: the sender answers on the page of its receipt, or the unit for it. An answer counts as long as the figures do.
SELECT
    f.finding_id,
    f.rule_id,
    f.message,
    a.is_right,
    a.reason,
    a.answered_at,
    exists(
        SELECT 1
        FROM warehouse.return_version AS v
        WHERE v.submission_id = f.submission_id AND upper_inf(v.known_during)
    ) AS counts
FROM quality.finding AS f
LEFT JOIN LATERAL (
    SELECT
        w.is_right,
        w.reason,
        w.answered_at
    FROM feedback.question_answer AS w
    WHERE w.finding_id = f.finding_id
    ORDER BY w.answer_id DESC
    LIMIT 1
) AS a ON TRUE
WHERE
    f.submission_id = %(submission_id)s
    AND EXISTS (SELECT FROM quality.questioned_figure AS q WHERE q.finding_id = f.finding_id)
ORDER BY f.finding_id
