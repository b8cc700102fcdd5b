-- Grain: one row a place in the inbox and what is wrong with files there.
-- Keys: place and problem.
-- Why: the digest lists files that cannot be matched to a return until they are moved; their names are not known here.
SELECT
    place,
    problem,
    count(*) AS files,
    min(noted_at AT TIME ZONE 'Europe/London')::date AS since
FROM intake.inbox_file
WHERE problem IS NOT NULL
GROUP BY place, problem
ORDER BY place, problem
