-- Grain: table of schema staging, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA staging IS 'Returns as text while they are checked: a table for each submission, dropped when the submission is decided';
