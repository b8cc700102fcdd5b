-- Grain: submission and rule.
-- Keys: submission_id, rule_id.
-- Why: what the rules found in the submissions on which the figure rests.
SELECT
    submission_id,
    rule_id,
    severity,
    message,
    findings,
    findings_in_rows,
    waived
FROM marts.trace_rules(%(measure)s, %(area)s, %(quarter)s, %(known_at)s)
ORDER BY submission_id ASC, findings DESC, tier ASC, rule_id ASC
