-- Grain: holding, district, quarter and what was done.
-- Keys: return_version_id, counted, area_code, starts_on.
-- Why: a job counts as a referral in the quarter of its referral and as secured in that of its completion;
-- costs are unrounded. A district without a job counts 0.
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, value)
SELECT
    h.return_version_id,
    d.area_code,
    h.starts_on,
    n.component,
    coalesce(sum(n.value), 0)
FROM new_return_version AS h
CROSS JOIN warehouse.dim_area AS d
LEFT JOIN warehouse.sanctuary_job AS f ON h.return_version_id = f.return_version_id AND d.area_code = f.area_code
CROSS JOIN
    LATERAL (
        VALUES
        ('referrals', (f.referred_on BETWEEN h.starts_on AND h.ends_on)::integer),
        ('secured', (f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on)::integer),
        ('works_cost', CASE WHEN f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on THEN f.works_cost_gbp END),
        ('days_to_complete', CASE WHEN f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on THEN f.completed_on - f.referred_on END),
        ('secured:burglary', (f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on AND f.reason = 'burglary')::integer),
        ('works_cost:burglary', CASE WHEN f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on AND f.reason = 'burglary' THEN f.works_cost_gbp END),
        ('secured:domestic_abuse', (f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on AND f.reason = 'domestic_abuse')::integer),
        (
            'works_cost:domestic_abuse',
            CASE WHEN f.secured AND f.completed_on BETWEEN h.starts_on AND h.ends_on AND f.reason = 'domestic_abuse' THEN f.works_cost_gbp END
        )
    ) AS n (component, value)
WHERE d.area_type = 'district'
GROUP BY h.return_version_id, d.area_code, h.starts_on, n.component
