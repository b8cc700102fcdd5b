-- Grain: one row a candidate, what was proposed of it, the decision on that, a release, and in a release a file, a figure, a conclusion, a count.
-- Keys: a candidate has at most one decision and one release; a release is its quarter and its number within it.
-- Why: what was published, by whom it was approved and on what it rested is written once. Nothing here is changed or deleted, by anybody.

CREATE SCHEMA release;
COMMENT ON SCHEMA release IS 'What was published: written once, never changed';

CREATE TABLE release.candidate (
    candidate_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    known_at timestamptz NOT NULL,
    UNIQUE (candidate_id, quarter_key, known_at)
);
COMMENT ON TABLE release.candidate IS 'A scorecard that may be released: a quarter, and the moment whose knowledge it shows';
COMMENT ON COLUMN release.candidate.candidate_id IS 'Number of the candidate';
COMMENT ON COLUMN release.candidate.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.candidate.known_at IS 'The moment whose knowledge it shows; nothing learned later changes what was known then';

CREATE TABLE release.proposal (
    candidate_id bigint PRIMARY KEY REFERENCES release.candidate,
    data_hash text NOT NULL CHECK (data_hash ~ '^[0-9a-f]{64}$'),
    code_version text NOT NULL,
    difference text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (candidate_id, data_hash)
);
COMMENT ON TABLE release.proposal IS 'What was put before the approvers; a candidate that could not be made has none';
COMMENT ON COLUMN release.proposal.candidate_id IS 'The candidate';
COMMENT ON COLUMN release.proposal.data_hash IS 'SHA-256 over its files'' names and hashes';
COMMENT ON COLUMN release.proposal.code_version IS 'The code that made it: git commit, or version of the package';
COMMENT ON COLUMN release.proposal.difference IS 'What the approver had in front of them, in Markdown';
COMMENT ON COLUMN release.proposal.proposed_at IS 'When it was put before them';

CREATE TABLE release.decision (
    candidate_id bigint PRIMARY KEY REFERENCES release.proposal,
    verdict text NOT NULL CHECK (verdict IN ('approved', 'sent back')),
    decided_by text NOT NULL CHECK (decided_by <> ''),
    decided_at timestamptz NOT NULL,
    remark text NOT NULL,
    UNIQUE (candidate_id, verdict)
);
COMMENT ON TABLE release.decision IS 'What was decided on a candidate, and by whom';
COMMENT ON COLUMN release.decision.candidate_id IS 'The candidate';
COMMENT ON COLUMN release.decision.verdict IS 'approved, or sent back';
COMMENT ON COLUMN release.decision.decided_by IS 'Log-in of the approver';
COMMENT ON COLUMN release.decision.decided_at IS 'When';
COMMENT ON COLUMN release.decision.remark IS 'The approver''s comment; empty where none was given';

CREATE TABLE release.release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    candidate_id bigint NOT NULL UNIQUE,
    verdict text NOT NULL DEFAULT 'approved' CHECK (verdict = 'approved'),
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    number smallint NOT NULL CHECK (number > 0),
    known_at timestamptz NOT NULL,
    data_hash text NOT NULL CHECK (data_hash ~ '^[0-9a-f]{64}$'),
    code_version text NOT NULL,
    suppressed integer NOT NULL CHECK (suppressed >= 0),
    manifest jsonb NOT NULL,
    released_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (quarter_key, number),
    FOREIGN KEY (candidate_id, verdict) REFERENCES release.decision (candidate_id, verdict),
    FOREIGN KEY (candidate_id, quarter_key, known_at) REFERENCES release.candidate (candidate_id, quarter_key, known_at),
    FOREIGN KEY (candidate_id, data_hash) REFERENCES release.proposal (candidate_id, data_hash)
);
COMMENT ON TABLE release.release IS 'Published scorecards; only what was approved can be one, with the bytes and the moment that were approved';
COMMENT ON COLUMN release.release.release_id IS 'Number of the release, in the order of publication';
COMMENT ON COLUMN release.release.candidate_id IS 'The candidate that was approved';
COMMENT ON COLUMN release.release.verdict IS 'approved: ties the release to the decision';
COMMENT ON COLUMN release.release.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.release.number IS 'Its number among the releases of the quarter, from 1; later ones hold restated figures';
COMMENT ON COLUMN release.release.known_at IS 'The moment whose knowledge it shows';
COMMENT ON COLUMN release.release.data_hash IS 'SHA-256 over its files'' names and hashes: what was approved';
COMMENT ON COLUMN release.release.code_version IS 'The code that published it: git commit, or version of the package';
COMMENT ON COLUMN release.release.suppressed IS 'How many figures are hidden';
COMMENT ON COLUMN release.release.manifest IS 'The manifest as it lies beside the files';
COMMENT ON COLUMN release.release.released_at IS 'When it was published';

CREATE TABLE release.file (
    release_id bigint NOT NULL REFERENCES release.release,
    file_name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    PRIMARY KEY (release_id, file_name)
);
COMMENT ON TABLE release.file IS 'The files of a release';
COMMENT ON COLUMN release.file.release_id IS 'The release';
COMMENT ON COLUMN release.file.file_name IS 'Name of the file within the release';
COMMENT ON COLUMN release.file.sha256 IS 'SHA-256 of its bytes';
COMMENT ON COLUMN release.file.size_bytes IS 'How many bytes';

CREATE TABLE release.figure (
    release_id bigint NOT NULL REFERENCES release.release,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    figure text NOT NULL,
    amount double precision,
    status text NOT NULL,
    PRIMARY KEY (release_id, measure_id, area_code, figure)
);
COMMENT ON TABLE release.figure IS 'Every figure of a release as it was published; hidden figures have no amount here';
COMMENT ON COLUMN release.figure.release_id IS 'The release';
COMMENT ON COLUMN release.figure.measure_id IS 'Measure';
COMMENT ON COLUMN release.figure.area_code IS 'Area';
COMMENT ON COLUMN release.figure.figure IS 'Which figure of the measure in the area: a column of the released data';
COMMENT ON COLUMN release.figure.amount IS 'The figure; NULL where none was published, and the status says why';
COMMENT ON COLUMN release.figure.status IS 'What was said of it';

CREATE TABLE release.conclusion (
    release_id bigint NOT NULL REFERENCES release.release,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    verdict text NOT NULL,
    exception boolean NOT NULL,
    PRIMARY KEY (release_id, measure_id, area_code)
);
COMMENT ON TABLE release.conclusion IS 'What a release concluded of a measure in an area';
COMMENT ON COLUMN release.conclusion.release_id IS 'The release';
COMMENT ON COLUMN release.conclusion.measure_id IS 'Measure';
COMMENT ON COLUMN release.conclusion.area_code IS 'Area';
COMMENT ON COLUMN release.conclusion.verdict IS 'Direction of travel, in a word; empty where nothing was said';
COMMENT ON COLUMN release.conclusion.exception IS 'Whether it was reported as an exception';

CREATE TABLE release.disclosure_cell (
    release_id bigint NOT NULL REFERENCES release.release,
    component text NOT NULL,
    area_code text NOT NULL,
    first_month integer NOT NULL,
    after_month integer NOT NULL,
    count bigint NOT NULL CHECK (count >= 0),
    hidden boolean NOT NULL,
    PRIMARY KEY (release_id, component, area_code, first_month, after_month),
    CHECK (first_month < after_month)
);
COMMENT ON TABLE release.disclosure_cell IS 'The counts of a release, the hidden ones too: what later releases are attacked with. For the publisher only';
COMMENT ON COLUMN release.disclosure_cell.release_id IS 'The release';
COMMENT ON COLUMN release.disclosure_cell.component IS 'What is counted';
COMMENT ON COLUMN release.disclosure_cell.area_code IS 'Area, or the rest of one';
COMMENT ON COLUMN release.disclosure_cell.first_month IS 'First month, counted from January of year 0';
COMMENT ON COLUMN release.disclosure_cell.after_month IS 'The month after the last, counted so';
COMMENT ON COLUMN release.disclosure_cell.count IS 'How many';
COMMENT ON COLUMN release.disclosure_cell.hidden IS 'Whether it was hidden';

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
COMMENT ON COLUMN release.ledger.name IS 'What people call it: 2021-22Q4/1';
COMMENT ON COLUMN release.ledger.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.ledger.number IS 'Its number among the releases of the quarter';
COMMENT ON COLUMN release.ledger.known_at IS 'The moment whose knowledge it shows';
COMMENT ON COLUMN release.ledger.decided_by IS 'Log-in of who approved it';
COMMENT ON COLUMN release.ledger.decided_at IS 'When it was approved';
COMMENT ON COLUMN release.ledger.remark IS 'The approver''s comment';
COMMENT ON COLUMN release.ledger.released_at IS 'When it was published';
COMMENT ON COLUMN release.ledger.data_hash IS 'SHA-256 over its files'' names and hashes';
COMMENT ON COLUMN release.ledger.code_version IS 'The code that made it';
COMMENT ON COLUMN release.ledger.suppressed IS 'How many figures are hidden';
COMMENT ON COLUMN release.ledger.release_id IS 'Number of the release, in the order of publication';

-- A trigger and no privilege: it stops the owner of the tables too.
CREATE FUNCTION release.forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was released is never changed or deleted: %.%', tg_table_schema, tg_table_name
        USING ERRCODE = 'restrict_violation';
END
$$;
COMMENT ON FUNCTION release.forbid_change() IS 'Refuses to change, delete or empty: the schema is written once';
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['candidate', 'proposal', 'decision', 'release', 'file', 'figure', 'conclusion', 'disclosure_cell'] LOOP
        EXECUTE format(
            'CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.%I FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change()',
            kept
        );
    END LOOP;
END
$$;

-- What was known at a moment is fixed only when nothing is half received or half loaded: what began before it is waited for, in the
-- order in which a load locks. A load that comes after it finds the candidate, written in the same transaction, and leaves its past
-- alone (include/sql/load/known_from.sql).
CREATE FUNCTION release.freeze_snapshot_time() RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE warehouse.return_version, intake.submission IN SHARE MODE;
    RETURN clock_timestamp();
END
$$;
COMMENT ON FUNCTION release.freeze_snapshot_time() IS 'The time now, at which nothing is half received or half loaded, until the transaction ends';

-- The unit is told when a restated figure changes a conclusion.
ALTER TABLE feedback.letter
DROP CONSTRAINT letter_kind_check,
DROP CONSTRAINT letter_check,
ADD CONSTRAINT letter_kind_check CHECK (kind IN ('accepted', 'accepted_with_warnings', 'refused', 'digest', 'revision')),
ADD CONSTRAINT letter_answers CHECK ((submission_id IS NULL) = (kind IN ('digest', 'revision')));
COMMENT ON COLUMN feedback.letter.kind IS 'accepted, accepted_with_warnings, refused, digest, or revision';
COMMENT ON COLUMN feedback.letter.submission_id IS 'The submission that it answers; NULL for a digest or a revision';
COMMENT ON COLUMN feedback.letter.about_day IS 'The day of a digest; NULL for an answer or a revision';
