-- Grain: submission.
-- Keys: submission_id.
-- Why: a file that ends the process that reads it is set aside after two tries, so that other files are answered.
ALTER TABLE intake.submission ADD COLUMN tries smallint NOT NULL DEFAULT 0;
ALTER TABLE intake.submission ALTER COLUMN tries SET STATISTICS 0;
ALTER TABLE intake.submission ADD CONSTRAINT submission_tries CHECK (tries >= 0);
