-- Grain: one row a file that lies in the inbox and was looked at.
-- Keys: the hash of its path within the inbox; the name itself is not kept, because it may name a person.
-- Why: a file that was looked at starts no run again, and one that is nobody's is told to the unit until it is moved.

CREATE TABLE intake.inbox_file (
    path_hash text PRIMARY KEY CHECK (path_hash ~ '^[0-9a-f]{64}$'),
    place text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    modified_at timestamptz NOT NULL,
    problem text CHECK (problem IN ('no return', 'no quarter', 'unknown folder', 'no sender')),
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE intake.inbox_file IS 'Files in the inbox that were looked at, as they were then; one that has left the inbox is forgotten';
COMMENT ON COLUMN intake.inbox_file.path_hash IS 'SHA-256 of its path within the inbox';
COMMENT ON COLUMN intake.inbox_file.place IS 'As much of its folders as are ours: return/quarter, return, or nothing';
COMMENT ON COLUMN intake.inbox_file.size_bytes IS 'Its size in bytes';
COMMENT ON COLUMN intake.inbox_file.modified_at IS 'When it was last changed, by its storage';
COMMENT ON COLUMN intake.inbox_file.problem IS
'NULL: it was received. Else why it was not: no return or no quarter in its path, an unknown folder below, or no sender told by folder or cover';
COMMENT ON COLUMN intake.inbox_file.noted_at IS 'When it was first looked at as it is';
