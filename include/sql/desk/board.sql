-- Grain: one row a return that a sender owes for one of the quarters asked for.
-- Keys: return_name, source, quarter_key.
-- Why: the returns board and a sender's page: what we received, what is owed, and whether there is something to check.
SELECT
    e.return_name,
    e.return_title,
    e.source,
    e.source_name,
    e.quarter_key,
    e.deadline,
    e.extended_by,
    e.state,
    e.days_late,
    e.attempts,
    e.newest_receipt,
    e.nil_return,
    e.synthetic,
    e.open_tasks,
    e.unsigned_receipt,
    (
        SELECT count(DISTINCT f.rule_id)
        FROM intake.submission AS s
        INNER JOIN quality.judged_finding AS f ON s.submission_id = f.submission_id
        WHERE
            s.receipt = e.newest_receipt
            AND f.severity = CASE e.state WHEN 'refused' THEN 'critical' ELSE 'warning' END
            AND NOT EXISTS (SELECT FROM feedback.question_answer AS a WHERE a.finding_id = f.finding_id)
    ) AS things_to_check
FROM feedback.expected_return_status_on(%(day)s) AS e
WHERE e.quarter_key = any(%(quarters)s) AND e.source = coalesce(%(source)s, e.source)
ORDER BY e.source_name, e.return_title, e.quarter_key
