-- Grain: one task for each rule that failed and needs a correction, for one owner; one event for each task that a submission touched.
-- Keys: task by owner and rule, event by task and submission.
-- Why: one statement opens, keeps, reopens and closes, so that no task is seen in between. A tier that fails stops the next, so a rule
-- that was not reached is not known to be corrected: its task stays as it is. Ranks: 1 the file, 2 its cells as such, 3 the return's
-- cells and rows, 4 the return as a whole. A file that was refused as such may have been left at the first fault.
WITH this AS (
    SELECT
        s.submission_id,
        s.return_name,
        s.source,
        s.quarter_key,
        s.status,
        s.decided_at
    FROM intake.submission AS s
    WHERE s.submission_id = %(submission_id)s
),
ranked AS (
    SELECT
        r.rule_id,
        r.tier + (r.return_name IS NOT NULL)::integer AS rank
    FROM quality.rule AS r
    WHERE r.severity = 'critical'
),
failing AS (
    SELECT
        f.rule_id,
        r.rank,
        count(*) AS findings
    FROM quality.judged_finding AS f
    INNER JOIN ranked AS r ON f.rule_id = r.rule_id
    WHERE f.submission_id = %(submission_id)s AND f.severity = 'critical'
    GROUP BY f.rule_id, r.rank
),
reached AS (
    SELECT CASE t.status WHEN 'accepted' THEN 5 ELSE coalesce((SELECT max(f.rank) FROM failing AS f), 0) END AS rank
    FROM this AS t
),
known AS (
    SELECT
        k.task_id,
        k.rule_id,
        k.state
    FROM feedback.task AS k
    INNER JOIN this AS t ON (k.return_name, k.source, k.quarter_key) = (t.return_name, t.source, t.quarter_key)
),
last_number AS (
    SELECT coalesce(max(k.number), 0) AS number
    FROM feedback.task AS k
    INNER JOIN this AS t ON (k.return_name, k.quarter_key) = (t.return_name, t.quarter_key)
),
new AS (
    SELECT
        f.rule_id,
        f.findings,
        l.number + row_number() OVER (ORDER BY f.rank, f.rule_id) AS number
    FROM failing AS f
    CROSS JOIN last_number AS l
    WHERE f.rule_id NOT IN (SELECT k.rule_id FROM known AS k)
),
opened AS (
    INSERT INTO feedback.task (reference, return_name, source, quarter_key, rule_id, number, state, findings, opened_at)
    SELECT
        %(code)s || '-' || t.quarter_key || '-T' || lpad(n.number::text, greatest(2, length(n.number::text)), '0'),
        t.return_name,
        t.source,
        t.quarter_key,
        n.rule_id,
        n.number,
        'open',
        n.findings,
        t.decided_at
    FROM new AS n
    CROSS JOIN this AS t
    RETURNING task_id, findings, 'opened' AS event
),
kept AS (
    UPDATE feedback.task AS k
    SET state = 'open', closed_at = NULL, findings = f.findings
    FROM known AS b
    INNER JOIN failing AS f ON b.rule_id = f.rule_id
    WHERE k.task_id = b.task_id
    RETURNING k.task_id, k.findings, CASE b.state WHEN 'open' THEN 'still_open' ELSE 'reopened' END AS event
),
closed AS (
    UPDATE feedback.task AS k
    SET state = 'closed', closed_at = t.decided_at, findings = 0
    FROM known AS b, this AS t, reached AS d, ranked AS r
    WHERE
        k.task_id = b.task_id
        AND b.state = 'open'
        AND r.rule_id = b.rule_id
        AND b.rule_id NOT IN (SELECT f.rule_id FROM failing AS f)
        AND (r.rank < d.rank OR (r.rank = d.rank AND d.rank > 1))
    RETURNING k.task_id, 0::bigint AS findings, 'closed' AS event
)
INSERT INTO feedback.task_event (task_id, submission_id, attempt, event, findings, happened_at)
SELECT
    e.task_id,
    t.submission_id,
    %(attempt)s,
    e.event,
    e.findings,
    t.decided_at
FROM (
    SELECT
        task_id,
        findings,
        event
    FROM opened
    UNION ALL
    SELECT
        task_id,
        findings,
        event
    FROM kept
    UNION ALL
    SELECT
        task_id,
        findings,
        event
    FROM closed
) AS e
CROSS JOIN this AS t
