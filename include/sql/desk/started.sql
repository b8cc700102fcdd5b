-- Grain: one row a step of a quarter's scorecard that somebody has started on the pages: when last.
-- Keys: action.
-- Why: the unit sees what was started, while Airflow works on it.
SELECT
    a.action,
    max(a.done_at) AS started_at
FROM desk.action AS a
WHERE a.action = any(%(actions)s) AND a.about = %(quarter_key)s
GROUP BY a.action
