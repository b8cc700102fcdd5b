-- Grain: one row a submission, a staged file, a finding, a table's row account, a holding.
-- Keys: surrogate; a file is recognised by its content, so the same bytes for the same return are one submission.
-- Why: what we hold true is decided at the level of a whole return, so a restatement closes one row and deletes nothing.

CREATE TABLE intake.submission (
    submission_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt text NOT NULL UNIQUE,
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    source text NOT NULL REFERENCES warehouse.dim_source,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    file_name text NOT NULL,
    landed_as text NOT NULL,
    content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    synthetic boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'staged', 'validated', 'accepted', 'refused')),
    decided_at timestamptz CHECK ((decided_at IS NOT null) = (status IN ('accepted', 'refused'))),
    UNIQUE (return_name, source, quarter_key, content_hash),
    UNIQUE (return_name, source, quarter_key, received_at)
);
COMMENT ON TABLE intake.submission IS 'Every file received for a return, accepted or not, never deleted';
COMMENT ON COLUMN intake.submission.submission_id IS 'Number of the submission';
COMMENT ON COLUMN intake.submission.receipt IS 'Receipt number for the partner';
COMMENT ON COLUMN intake.submission.return_name IS 'Which return';
COMMENT ON COLUMN intake.submission.source IS 'Who sent it';
COMMENT ON COLUMN intake.submission.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN intake.submission.file_name IS 'Name of the file as it was sent';
COMMENT ON COLUMN intake.submission.landed_as IS 'Where the file lies, write-once, relative to the landing folder';
COMMENT ON COLUMN intake.submission.content_hash IS 'SHA-256 of the file';
COMMENT ON COLUMN intake.submission.size_bytes IS 'Size of the file in bytes';
COMMENT ON COLUMN intake.submission.received_at IS 'When we received it: the start of what we then knew';
COMMENT ON COLUMN intake.submission.recorded_at IS 'When this row was written; later than received_at where old returns are loaded afterwards';
COMMENT ON COLUMN intake.submission.synthetic IS 'Whether it is a sample with made-up figures';
COMMENT ON COLUMN intake.submission.status IS 'received, staged, validated, accepted or refused';
COMMENT ON COLUMN intake.submission.decided_at IS 'When it was accepted or refused; NULL until then';

CREATE TABLE intake.staged_file (
    submission_id bigint NOT NULL REFERENCES intake.submission,
    table_name text NOT NULL,
    file_number smallint NOT NULL,
    sheet text NOT NULL,
    file_month text CHECK (file_month ~ '^\d{4}-\d{2}$'),
    first_row bigint NOT NULL,
    last_row bigint NOT NULL CHECK (last_row >= first_row - 1),
    line_offset bigint NOT NULL,
    columns jsonb NOT NULL,
    PRIMARY KEY (submission_id, table_name, file_number)
);
COMMENT ON TABLE intake.staged_file IS 'Which rows of a staged table came from which sheet or file, and which contract column stood where';
COMMENT ON COLUMN intake.staged_file.submission_id IS 'The submission';
COMMENT ON COLUMN intake.staged_file.table_name IS 'The contract''s name of the table';
COMMENT ON COLUMN intake.staged_file.file_number IS 'Number of the sheet or file within the table, from 1';
COMMENT ON COLUMN intake.staged_file.sheet IS 'Name of the sheet, or of the file inside the archive';
COMMENT ON COLUMN intake.staged_file.file_month IS 'Month in the name of the file, written 2022-01; NULL for a sheet';
COMMENT ON COLUMN intake.staged_file.first_row IS 'Lowest row_number staged from it';
COMMENT ON COLUMN intake.staged_file.last_row IS 'Highest row_number staged from it; first_row - 1 where it holds no rows';
COMMENT ON COLUMN intake.staged_file.line_offset IS 'What to add to row_number to get the row or line in the sheet or file';
COMMENT ON COLUMN intake.staged_file.columns IS 'Contract column name to the column''s letter in the sheet, or to its number in the file';

CREATE TABLE quality.rule (
    rule_id text PRIMARY KEY,
    return_name text REFERENCES warehouse.dim_return,
    table_name text,
    severity text NOT NULL CHECK (severity IN ('critical', 'warning')),
    tier smallint NOT NULL CHECK (tier BETWEEN 1 AND 3),
    message text NOT NULL
);
COMMENT ON TABLE quality.rule IS 'Every rule that a return is checked against, in the words that the partner reads';
COMMENT ON COLUMN quality.rule.rule_id IS 'Id, never used again for another rule';
COMMENT ON COLUMN quality.rule.return_name IS 'The return that it belongs to; NULL where it holds for every file';
COMMENT ON COLUMN quality.rule.table_name IS 'The table that it belongs to; NULL where it holds for the whole file';
COMMENT ON COLUMN quality.rule.severity IS 'critical refuses the return, warning is only reported';
COMMENT ON COLUMN quality.rule.tier IS '1 the file, 2 cell and row, 3 the whole return';
COMMENT ON COLUMN quality.rule.message IS 'What to fix, in words';

CREATE TABLE quality.finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES intake.submission,
    rule_id text NOT NULL REFERENCES quality.rule,
    message text NOT NULL,
    table_name text,
    sheet text,
    row_number bigint,
    column_name text,
    cell text
);
CREATE INDEX finding_by_submission ON quality.finding (submission_id, rule_id);
COMMENT ON TABLE quality.finding IS 'One rule failing in one place; never the value that failed';
COMMENT ON COLUMN quality.finding.finding_id IS 'Number of the finding';
COMMENT ON COLUMN quality.finding.submission_id IS 'The submission';
COMMENT ON COLUMN quality.finding.rule_id IS 'The rule that failed';
COMMENT ON COLUMN quality.finding.message IS 'What to fix, as it was said then';
COMMENT ON COLUMN quality.finding.table_name IS 'The contract''s table; NULL where the finding is about the file';
COMMENT ON COLUMN quality.finding.sheet IS 'Sheet, or file inside the archive; NULL where the finding is about the file';
COMMENT ON COLUMN quality.finding.row_number IS 'Row of the sheet or line of the file; NULL where it is about more than a row';
COMMENT ON COLUMN quality.finding.column_name IS 'The contract''s column; NULL where it is about the row';
COMMENT ON COLUMN quality.finding.cell IS 'Address in the workbook; NULL where there is none';

CREATE TABLE warehouse.return_version (
    return_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    source text NOT NULL REFERENCES warehouse.dim_source,
    submission_id bigint NOT NULL REFERENCES intake.submission,
    period daterange NOT NULL CHECK (NOT isempty(period)),
    known_during tstzrange NOT NULL CHECK (NOT isempty(known_during)),
    synthetic boolean NOT NULL,
    EXCLUDE USING gist (return_name WITH =, source WITH =, period WITH &&, known_during WITH &&)
);
CREATE INDEX return_version_by_submission ON warehouse.return_version (submission_id);
COMMENT ON TABLE warehouse.return_version IS 'What we held true: the rows of one submission about one period, from when we knew them until they were replaced';
COMMENT ON COLUMN warehouse.return_version.return_version_id IS 'Number of the holding; every fact carries it';
COMMENT ON COLUMN warehouse.return_version.return_name IS 'Which return';
COMMENT ON COLUMN warehouse.return_version.source IS 'Who sent it';
COMMENT ON COLUMN warehouse.return_version.submission_id IS 'The submission that it came with';
COMMENT ON COLUMN warehouse.return_version.period IS 'The days that the facts are about: a quarter or a month';
COMMENT ON COLUMN warehouse.return_version.known_during IS 'From when until when we held it true; open-ended is today''s truth';
COMMENT ON COLUMN warehouse.return_version.synthetic IS 'Whether the figures are made-up samples';

CREATE TABLE quality.row_reconciliation (
    submission_id bigint NOT NULL REFERENCES intake.submission,
    table_name text NOT NULL,
    rows_read bigint NOT NULL CHECK (rows_read >= 0),
    rows_staged bigint NOT NULL CHECK (rows_staged >= 0),
    rows_refused bigint NOT NULL DEFAULT 0 CHECK (rows_refused >= 0),
    rows_loaded bigint NOT NULL DEFAULT 0 CHECK (rows_loaded >= 0),
    rows_outside bigint NOT NULL DEFAULT 0 CHECK (rows_outside BETWEEN 0 AND rows_loaded),
    PRIMARY KEY (submission_id, table_name)
);
COMMENT ON TABLE quality.row_reconciliation IS 'Where every row of a submission went; the whole return is loaded or the whole return is refused';
COMMENT ON COLUMN quality.row_reconciliation.submission_id IS 'The submission';
COMMENT ON COLUMN quality.row_reconciliation.table_name IS 'The contract''s table';
COMMENT ON COLUMN quality.row_reconciliation.rows_read IS 'Rows found in the file';
COMMENT ON COLUMN quality.row_reconciliation.rows_staged IS 'Rows that reached staging';
COMMENT ON COLUMN quality.row_reconciliation.rows_refused IS 'Rows of a refused return';
COMMENT ON COLUMN quality.row_reconciliation.rows_loaded IS 'Rows that became facts';
COMMENT ON COLUMN quality.row_reconciliation.rows_outside IS 'Of the loaded rows, those about places outside Oxfordshire';
