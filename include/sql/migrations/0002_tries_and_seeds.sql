-- Grain: submission; file in the inbox; candidate of a release.
-- Keys: submission_id; path_hash; candidate_id.
-- Why: a file that ends the process that reads it is set aside after two tries, so that other files are answered. A link in
-- the inbox is not followed. What was sent last counts, also if it was sent before. A secret chooses among
-- almost equally good ways to hide small numbers, and a release can be rebuilt only with its own.
ALTER TABLE intake.submission ADD COLUMN tries smallint NOT NULL DEFAULT 0;
ALTER TABLE intake.submission ALTER COLUMN tries SET STATISTICS 0;
ALTER TABLE intake.submission ADD CONSTRAINT submission_tries CHECK (tries >= 0);
DROP INDEX intake.submission_content_once;
CREATE INDEX submission_content ON intake.submission (return_name, source, quarter_key, content_hash);
ALTER TABLE intake.inbox_file DROP CONSTRAINT inbox_file_problem;
ALTER TABLE intake.inbox_file ADD CONSTRAINT inbox_file_problem
CHECK (problem IN ('no_return', 'no_quarter', 'unknown_folder', 'no_sender', 'link', 'too_deep'));
ALTER TABLE release.candidate ADD COLUMN sealed_seed bytea;
