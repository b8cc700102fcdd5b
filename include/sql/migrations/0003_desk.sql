-- Grain: link to sign in; session; action; note; message of a partner; decision on an extension; draft of a commentary.
-- Keys: numbers that PostgreSQL gives; a link and a session are known by the hash of their secret.
-- Why: the unit, its partners and the leads use web pages. What they decide is written once, with who, when and why, and the
-- newest decision counts. A secret is in no row: nobody can sign in with what the database knows.
CREATE SCHEMA desk;

CREATE TABLE desk.sign_in_link (
    link_hash text NOT NULL,
    browser_hash text,
    mailbox text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT sign_in_link_pkey PRIMARY KEY (link_hash),
    CONSTRAINT sign_in_link_hash CHECK (link_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sign_in_link_browser_hash CHECK (browser_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sign_in_link_expires CHECK (expires_at > sent_at)
);

CREATE TABLE desk.session (
    session_hash text NOT NULL,
    mailbox text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT session_pkey PRIMARY KEY (session_hash),
    CONSTRAINT session_hash CHECK (session_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT session_used CHECK (used_at >= began_at)
);

CREATE TABLE desk.action (
    action_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_by text,
    action text NOT NULL,
    about text NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT action_pkey PRIMARY KEY (action_id),
    CONSTRAINT action_action CHECK (action <> '')
);
CREATE INDEX action_by_time ON desk.action (done_at);

CREATE TABLE desk.note (
    note_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL,
    note_text text NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT note_pkey PRIMARY KEY (note_id),
    CONSTRAINT note_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT note_length CHECK (length(note_text) BETWEEN 1 AND 2000)
);
CREATE INDEX note_by_source ON desk.note (source, written_at);

CREATE TABLE desk.message (
    message_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    subject text NOT NULL,
    message_text text NOT NULL,
    sent_by text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT message_pkey PRIMARY KEY (message_id),
    CONSTRAINT message_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT message_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT message_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT message_subject CHECK (subject IN ('need_longer', 'nothing_to_report', 'withheld', 'question')),
    CONSTRAINT message_length CHECK (length(message_text) BETWEEN 1 AND 2000)
);
CREATE INDEX message_by_source ON desk.message (source, sent_at);

CREATE TABLE desk.answer (
    message_id bigint NOT NULL,
    answer_text text NOT NULL,
    answered_by text NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT answer_pkey PRIMARY KEY (message_id),
    CONSTRAINT answer_message_fkey FOREIGN KEY (message_id) REFERENCES desk.message,
    CONSTRAINT answer_length CHECK (length(answer_text) BETWEEN 1 AND 2000)
);

CREATE TABLE desk.commentary_draft (
    request_id bigint NOT NULL,
    draft_text text NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT commentary_draft_pkey PRIMARY KEY (request_id),
    CONSTRAINT commentary_draft_request_fkey FOREIGN KEY (request_id) REFERENCES release.commentary_request,
    CONSTRAINT commentary_draft_length CHECK (length(draft_text) <= 4000)
);

-- Overrides the register of extensions: the newest decision for a return counts. Without a day, there is no extension any more.
CREATE TABLE feedback.extension (
    extension_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    until date,
    allowed_by text NOT NULL,
    why text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT extension_pkey PRIMARY KEY (extension_id),
    CONSTRAINT extension_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT extension_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT extension_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT extension_allowed_by CHECK (allowed_by <> ''),
    CONSTRAINT extension_why CHECK (length(why) BETWEEN 1 AND 2000)
);
CREATE INDEX extension_by_return ON feedback.extension (return_name, source, quarter_key, decided_at);

INSERT INTO feedback.letter_kind (kind, concerns) VALUES ('answer', 'request');
