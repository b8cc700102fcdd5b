-- Grain: one row a correction that a sender owes or has made.
-- Keys: reference.
-- Why: what is still to be corrected, and what was.
SELECT
    k.reference,
    r.return_title,
    q.quarter_label,
    k.state,
    k.findings,
    k.opened_at,
    k.closed_at,
    coalesce(
        (
            SELECT f.message
            FROM feedback.task_event AS v
            INNER JOIN quality.finding AS f ON v.submission_id = f.submission_id AND k.rule_id = f.rule_id
            WHERE v.task_id = k.task_id
            ORDER BY v.attempt DESC, f.finding_id ASC
            LIMIT 1
        ),
        u.message
    ) AS message
FROM feedback.task AS k
INNER JOIN quality.rule AS u ON k.rule_id = u.rule_id
INNER JOIN warehouse.dim_return AS r ON k.return_name = r.return_name
INNER JOIN warehouse.dim_quarter AS q ON k.quarter_key = q.quarter_key
WHERE k.source = %(source)s
ORDER BY k.state DESC, k.opened_at DESC, k.reference ASC
LIMIT 60
