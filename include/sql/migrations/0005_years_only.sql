-- Grain: count of a release.
-- Keys: unchanged.
-- Why: partnerships have twelve months only of some measures. Their quarters are in no release, and yet later releases must
-- be tested against what readers could work out of them. Until now every count of a release was printed, or marked as hidden.
ALTER TABLE release.disclosure_cell ADD COLUMN printed boolean NOT NULL DEFAULT true;
