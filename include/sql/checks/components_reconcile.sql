-- Grain: one row for each component total that is not the sum of what its rows count; none is a pass.
-- Keys: return_version_id, component, area_code, starts_on.
-- Why: totals reconcile with the facts for every return, component, area and period: nothing is lost and nothing is counted twice. A total
-- without rows is zero, and a total of a withheld row is not known.
-- Severity: error
-- Rule: Every total is the sum of its rows.
WITH counted AS (
    SELECT
        r.return_version_id,
        r.component,
        r.area_code,
        r.starts_on,
        CASE WHEN count(*) = count(r.value) THEN sum(r.value) END AS value
    FROM warehouse.component_row AS r
    GROUP BY r.return_version_id, r.component, r.area_code, r.starts_on
)

SELECT
    coalesce(t.return_version_id, c.return_version_id) AS return_version_id,
    coalesce(t.component, c.component) AS component,
    coalesce(t.area_code, c.area_code) AS area_code,
    coalesce(t.starts_on, c.starts_on) AS starts_on,
    t.value AS total,
    c.value AS counted
FROM marts.component_total AS t
FULL JOIN counted AS c
    ON t.return_version_id = c.return_version_id AND t.component = c.component AND t.area_code = c.area_code AND t.starts_on = c.starts_on
WHERE t.value IS DISTINCT FROM CASE WHEN c.component IS NULL THEN 0 ELSE c.value END
