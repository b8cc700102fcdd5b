-- Grain: letter; decision on an entry of a register; count of a release.
-- Keys: letter_id; register_entry_id; those of the count, unchanged.
-- Why: a letter that asks for a decision is not sent once somebody has decided. The unit reads at once that a return was refused. What the
-- unit decides every day is entered on the web pages, with who, why and when, and nobody edits a file on the server.
-- Partnerships have twelve months only of some measures: their quarters are in no release, and yet later releases are tested against what
-- readers could work out of them. Until now every count of a release was printed, or marked as hidden.
ALTER TABLE feedback.letter DROP CONSTRAINT letter_state;
ALTER TABLE feedback.letter ADD CONSTRAINT letter_state CHECK (state IN ('queued', 'sending', 'sent', 'withdrawn'));
DROP INDEX feedback.letter_to_send;
CREATE INDEX letter_to_send ON feedback.letter (due_at) WHERE state IN ('queued', 'sending');
INSERT INTO feedback.letter_kind (kind, concerns) VALUES ('refusal', 'submission');

-- Overrides a register: the newest decision about a key counts. Without an entry, the register has none any more.
CREATE TABLE feedback.register_entry (
    register_entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    register text NOT NULL,
    key text NOT NULL,
    follows bigint,
    entry jsonb,
    allowed_by text NOT NULL,
    why text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT register_entry_pkey PRIMARY KEY (register_entry_id),
    CONSTRAINT register_entry_follows_once UNIQUE NULLS NOT DISTINCT (follows, register, key),
    CONSTRAINT register_entry_follows_fkey FOREIGN KEY (follows) REFERENCES feedback.register_entry,
    CONSTRAINT register_entry_register CHECK (register IN ('waivers', 'contacts', 'leads', 'approvers', 'agreements')),
    CONSTRAINT register_entry_key CHECK (key <> ''),
    CONSTRAINT register_entry_entry CHECK (jsonb_typeof(entry) = 'object'),
    CONSTRAINT register_entry_allowed_by CHECK (allowed_by <> ''),
    CONSTRAINT register_entry_why CHECK (length(why) BETWEEN 1 AND 2000)
);

ALTER TABLE release.disclosure_cell ADD COLUMN printed boolean NOT NULL DEFAULT true;
