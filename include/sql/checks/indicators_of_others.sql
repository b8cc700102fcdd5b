-- Grain: one row an indicator that a lead returned and another answers for, in the current figures; none is a pass.
-- Keys: return_version_id, indicator.
-- Why: a measure counts what its own lead returned. An indicator in another lead's return is in the facts and in no figure, and without this
-- nobody would know.
-- Severity: warning
-- Rule: Every indicator comes from the lead that answers for it.
-- Needs: indicator
SELECT DISTINCT
    f.return_version_id,
    f.source,
    f.indicator
FROM warehouse.indicator_today AS f
WHERE
    NOT EXISTS (
        SELECT 1
        FROM marts.measure_component AS p
        WHERE p.return_name = f.return_name AND p.source = f.source AND p.component = f.indicator
    )
