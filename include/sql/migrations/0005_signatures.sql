-- Grain: signature; return; kind of letter.
-- Keys: return_name, source, quarter_key, content_hash; those of the return and the kind, unchanged.
-- Why: the person whom a contract asks for confirms the figures of a return. A signature is for the content of one file: a corrected file
-- needs a new one. It may come before we receive the file, when a partner sends it on the web pages, or afterwards.
-- The unit writes to a partner about one return when it wants to.
CREATE TABLE feedback.signature (
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    content_hash text NOT NULL,
    signed_as text NOT NULL,
    signed_by text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT signature_pkey PRIMARY KEY (return_name, source, quarter_key, content_hash),
    CONSTRAINT signature_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT signature_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT signature_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT signature_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT signature_signed_as CHECK (length(signed_as) BETWEEN 1 AND 80)
);

ALTER TABLE warehouse.dim_return ADD COLUMN signed_from date;
INSERT INTO feedback.letter_kind (kind, concerns) VALUES ('return_reminder', 'request');
