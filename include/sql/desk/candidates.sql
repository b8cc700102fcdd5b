-- Grain: one row, the candidate for a release that waits for a decision; none if none waits.
-- Keys: candidate_id.
-- Why: what an approver opens. A newer candidate replaces an earlier one, so only the newest can wait.
SELECT
    p.candidate_id,
    c.quarter_key,
    q.quarter_label,
    p.data_hash,
    p.difference,
    p.proposed_at
FROM release.proposal AS p
INNER JOIN release.candidate AS c ON p.candidate_id = c.candidate_id
INNER JOIN warehouse.dim_quarter AS q ON c.quarter_key = q.quarter_key
WHERE
    p.candidate_id = (SELECT max(o.candidate_id) FROM release.proposal AS o)
    AND NOT EXISTS (SELECT FROM release.decision AS d WHERE d.candidate_id = p.candidate_id)
