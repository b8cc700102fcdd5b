-- Grain: one row for each month with a file.
-- Keys: first day of the month.
-- Why: a month with a file that has no records is received; a month without a file is missing.
SELECT
    staging.to_month(f.file_month) AS starts_on,
    (staging.to_month(f.file_month) + interval '1 month - 1 day')::date AS ends_on
FROM intake.staged_file AS f
WHERE f.submission_id = %(submission_id)s
ORDER BY starts_on
