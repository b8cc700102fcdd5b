-- Grain: row of the return and component.
-- Keys: return_version_id, row_number, component.
-- Why: what a row counts: a referral in the quarter when the job was referred, and the works in the quarter when they were finished. Costs are
-- in pounds and not rounded.
SELECT
    f.return_version_id,
    f.row_number,
    f.area_code,
    lower(v.period) AS starts_on,
    n.component,
    n.value
FROM warehouse.sanctuary_job AS f
INNER JOIN warehouse.return_version AS v ON f.return_version_id = v.return_version_id
CROSS JOIN
    LATERAL (
        VALUES
        ('referrals', CASE WHEN v.period @> f.referred_on THEN 1 END),
        ('secured', CASE WHEN f.secured AND v.period @> f.completed_on THEN 1 END),
        ('works_cost', CASE WHEN f.secured AND v.period @> f.completed_on THEN f.works_cost_gbp END),
        ('days_to_complete', CASE WHEN f.secured AND v.period @> f.completed_on THEN f.completed_on - f.referred_on END),
        ('secured:' || f.reason, CASE WHEN f.secured AND v.period @> f.completed_on AND f.reason <> 'other' THEN 1 END),
        ('works_cost:' || f.reason, CASE WHEN f.secured AND v.period @> f.completed_on AND f.reason <> 'other' THEN f.works_cost_gbp END)
    ) AS n (component, value)
WHERE n.value IS NOT NULL
