-- Grain: job.
-- Keys: return_version_id, job_reference.
-- Why: a job is reported in the quarter of its referral and again in that of its completion.
INSERT INTO warehouse.sanctuary_job (
    return_version_id, row_number, job_reference, area_code, referred_on, reason, secured, completed_on, locks, letter_box, lighting, works_cost_gbp
)
SELECT
    h.return_version_id,
    s.row_number,
    s.job_reference,
    s.district,
    s.referred_on,
    s.reason,
    s.secured,
    s.completed_on,
    s.locks,
    s.letter_box,
    s.lighting,
    s.works_cost
FROM typed AS s
CROSS JOIN new_return_version AS h
