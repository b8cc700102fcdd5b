-- Grain: one row, the decision on a candidate for a release; none if nobody has decided. Without a candidate, on the newest.
-- Keys: candidate_id.
-- Why: who comes too late reads who decided, and when. What was decided on the desk counts until Airflow has recorded it; if that takes longer
-- than ten minutes, it was lost, and the approver decides again.
WITH chosen AS (
    SELECT coalesce(%(candidate_id)s, (SELECT max(p.candidate_id) FROM release.proposal AS p)) AS candidate_id
),

decided AS (
    SELECT
        h.candidate_id,
        d.verdict,
        d.decided_by,
        d.decided_at,
        true AS is_recorded
    FROM chosen AS h
    INNER JOIN release.decision AS d ON h.candidate_id = d.candidate_id
    UNION ALL
    SELECT
        h.candidate_id,
        CASE a.action WHEN %(approved)s THEN 'approved' ELSE 'sent_back' END AS verdict,
        a.done_by,
        a.done_at,
        false AS is_recorded
    FROM chosen AS h
    INNER JOIN desk.action AS a ON a.about = 'candidate ' || h.candidate_id
    WHERE a.action IN (%(approved)s, %(sent_back)s) AND a.done_at > clock_timestamp() - interval '10 minutes'
)

SELECT
    e.candidate_id,
    q.quarter_label,
    e.verdict,
    e.decided_by,
    e.decided_at
FROM decided AS e
INNER JOIN release.candidate AS c ON e.candidate_id = c.candidate_id
INNER JOIN warehouse.dim_quarter AS q ON c.quarter_key = q.quarter_key
ORDER BY e.is_recorded DESC, e.decided_at DESC
LIMIT 1
