-- Grain: a return version whose submission was not accepted, or an accepted submission without one; none is a pass.
-- Keys: submission_id.
-- Why: every accepted submission counts, and no other.
-- Severity: error
-- Rule: Every accepted return counts, and no other.
SELECT
    s.submission_id,
    s.status
FROM intake.submission AS s
LEFT JOIN warehouse.return_version AS h ON s.submission_id = h.submission_id
GROUP BY s.submission_id, s.status
HAVING (count(h.return_version_id) > 0) <> (s.status = 'accepted')
