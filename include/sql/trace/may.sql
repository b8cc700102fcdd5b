-- Grain: one row.
-- Keys: none.
-- Why: who may trace is what the roles say and nothing else.
SELECT has_function_privilege('marts.trace(text, text, text, timestamptz)', 'EXECUTE') AS may
