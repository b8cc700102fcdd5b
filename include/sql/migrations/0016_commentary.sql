-- Grain: one row an exception on which a lead was asked to comment by a day; one row a commentary that a lead gave.
-- Keys: a request is a quarter, a measure, an area and the day by which; a commentary answers a request, and the newest counts.
-- Why: what a lead says of an exception is published with it and made again for ever, so it is written once, like what is released.

CREATE TABLE release.commentary_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    direction text NOT NULL,
    lead text NOT NULL,
    due_on date NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (quarter_key, measure_id, area_code, due_on)
);
COMMENT ON TABLE release.commentary_request IS 'Exceptions on which a lead was asked to comment';
COMMENT ON COLUMN release.commentary_request.request_id IS 'Number of the request';
COMMENT ON COLUMN release.commentary_request.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.commentary_request.measure_id IS 'Measure';
COMMENT ON COLUMN release.commentary_request.area_code IS 'Area: the county or a partnership';
COMMENT ON COLUMN release.commentary_request.direction IS 'Its direction of travel when it was asked, in a word';
COMMENT ON COLUMN release.commentary_request.lead IS 'Who was asked';
COMMENT ON COLUMN release.commentary_request.due_on IS 'The last day on which commentary is taken';
COMMENT ON COLUMN release.commentary_request.requested_at IS 'When it was asked';

CREATE TABLE release.commentary (
    commentary_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES release.commentary_request,
    said text NOT NULL CHECK (said = btrim(said) AND length(said) BETWEEN 1 AND 2000),
    given_by text NOT NULL CHECK (given_by <> ''),
    given_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE release.commentary IS 'What leads said of exceptions; the newest of a request counts. It is published as it stands';
COMMENT ON COLUMN release.commentary.commentary_id IS 'Number of the commentary';
COMMENT ON COLUMN release.commentary.request_id IS 'What it answers';
COMMENT ON COLUMN release.commentary.said IS 'The commentary; what looks like personal data is not taken';
COMMENT ON COLUMN release.commentary.given_by IS 'Log-in of who wrote it in Airflow';
COMMENT ON COLUMN release.commentary.given_at IS 'When it was written';
COMMENT ON COLUMN release.commentary.recorded_at IS 'When it came to be known: releases that show an earlier moment do not have it';

CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.commentary_request
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.commentary
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();

-- As before, and no commentary half written either: what is recorded after the moment is known after it.
CREATE OR REPLACE FUNCTION release.freeze_snapshot_time() RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE warehouse.return_version, intake.submission, release.commentary_request, release.commentary IN SHARE MODE;
    RETURN clock_timestamp();
END
$$;

-- Approvers and leads are written to when they are waited for: once for each thing that is asked of them.
ALTER TABLE feedback.letter
ADD COLUMN about text CHECK (about <> ''),
ADD CONSTRAINT letter_said_once UNIQUE (recipient, kind, about),
DROP CONSTRAINT letter_kind_check,
DROP CONSTRAINT letter_answers,
ADD CONSTRAINT letter_kind_check CHECK (
    kind IN (
        'accepted', 'accepted_with_warnings', 'refused', 'digest', 'revision', 'reminder', 'escalation', 'approval', 'commentary',
        'commentary_refused'
    )
),
ADD CONSTRAINT letter_answers CHECK ((submission_id IS NOT NULL) = (kind IN ('accepted', 'accepted_with_warnings', 'refused'))),
ADD CONSTRAINT letter_asks CHECK ((about IS NOT NULL) = (kind IN ('approval', 'commentary', 'commentary_refused')));
COMMENT ON COLUMN feedback.letter.kind IS
'accepted, accepted_with_warnings, refused, digest, revision, reminder (to the mailbox), escalation (to the escalation mailbox), approval '
'(asked of an approver), commentary (asked of a lead), or commentary_refused (asked again)';
COMMENT ON COLUMN feedback.letter.recipient IS
'Key of the partner, unit, or for an approval the approver''s log-in; the address is looked up when it is sent';
COMMENT ON COLUMN feedback.letter.about IS 'What is asked: the candidate, or the requests for commentary; NULL for other letters';
