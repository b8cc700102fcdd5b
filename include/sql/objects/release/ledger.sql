-- Grain: release.
-- Keys: name; release_id.
-- Why: the releases with who approved them.
CREATE VIEW release.ledger AS
SELECT
    r.quarter_key || '/' || r.number AS name,
    r.quarter_key,
    r.number,
    r.known_at,
    d.decided_by,
    d.decided_at,
    d.remark,
    r.released_at,
    r.data_hash,
    r.code_version,
    r.suppressed,
    r.release_id
FROM release.release AS r
INNER JOIN release.decision AS d ON r.candidate_id = d.candidate_id;
COMMENT ON VIEW release.ledger IS 'The releases with who approved them: one row a release';
COMMENT ON COLUMN release.ledger.name IS 'What people call it, for example 2021-22Q4/1';
COMMENT ON COLUMN release.ledger.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.ledger.number IS 'Its number among the releases of the quarter';
COMMENT ON COLUMN release.ledger.known_at IS 'The moment whose knowledge it shows';
COMMENT ON COLUMN release.ledger.decided_by IS 'Login name of who approved it';
COMMENT ON COLUMN release.ledger.decided_at IS 'When it was approved';
COMMENT ON COLUMN release.ledger.remark IS 'The approver''s comment';
COMMENT ON COLUMN release.ledger.released_at IS 'When it was published';
COMMENT ON COLUMN release.ledger.data_hash IS 'SHA-256 over its files'' names and hashes';
COMMENT ON COLUMN release.ledger.code_version IS 'The code that wrote it';
COMMENT ON COLUMN release.ledger.suppressed IS 'How many figures are hidden';
COMMENT ON COLUMN release.ledger.release_id IS 'Number of the release, in the order of publication';
