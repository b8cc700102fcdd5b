-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: the award in the quarter when it was made; its spending, activities and outcomes in each quarter, also by priority; and all that was
-- spent of the award in the quarter when the project ended. Money is in pounds.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.project_award AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('awards', CASE WHEN v.period @> f.awarded_on THEN 1 END),
        ('awarded', CASE WHEN v.period @> f.awarded_on THEN f.award_gbp END),
        ('project_spend', f.spent_gbp),
        ('activities', f.activities),
        ('outcomes', f.outcomes),
        ('project_spend:' || f.priority, f.spent_gbp),
        ('outcomes:' || f.priority, f.outcomes),
        ('award_of_ended', CASE WHEN v.period @> f.ends_on THEN f.award_gbp END),
        ('spent_of_ended', CASE WHEN v.period @> f.ends_on THEN f.spent_to_date_gbp END)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
