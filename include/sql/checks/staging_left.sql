-- Grain: one row a staging table of a submission that is decided; none is a pass.
-- Keys: table name.
-- Why: the text of a return is not kept once the return is decided.
-- Severity: error
-- Rule: No text of a return is kept once it is decided.
SELECT c.relname AS staging_table
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN intake.submission AS s ON c.relname ~ ('_' || s.submission_id || '$') AND s.status IN ('accepted', 'refused')
WHERE n.nspname = 'staging' AND c.relkind = 'r'
