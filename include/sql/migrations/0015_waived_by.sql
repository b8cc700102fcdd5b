-- Grain: one row a finding that was waived, as before.
-- Keys: finding_id.
-- Why: who approves a release reads by whom a rule was set aside and why, also when the waiver has left the register since.
ALTER TABLE quality.waived_finding
ADD COLUMN allowed_by text,
ADD COLUMN why text;
COMMENT ON COLUMN quality.waived_finding.allowed_by IS 'Who allowed it, a role; NULL where it was waived before this was kept';
COMMENT ON COLUMN quality.waived_finding.why IS 'Why it was allowed; NULL where it was waived before this was kept';
