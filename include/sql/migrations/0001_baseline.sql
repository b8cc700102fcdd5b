-- Grain: every table but the facts, which the contracts describe (sia.warehouse.facts).
-- Keys: natural where people use one (area, quarter, sender, measure), otherwise numbers that PostgreSQL gives.
-- Why: the first tables of the warehouse. An applied migration is never edited; views, functions and comments are in include/sql/objects.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA staging;
CREATE SCHEMA intake;
CREATE SCHEMA quality;
CREATE SCHEMA warehouse;
CREATE SCHEMA marts;
CREATE SCHEMA feedback;
CREATE SCHEMA release;

-- The objects that migrate has applied, from include/sql/objects and from the contracts.
CREATE TABLE public.applied_object (
    object_name text NOT NULL,
    kind text NOT NULL,
    position smallint NOT NULL,
    content_hash text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT applied_object_pkey PRIMARY KEY (object_name),
    CONSTRAINT applied_object_kind CHECK (kind IN ('view', 'function', 'trigger', 'comments', 'template', 'rights'))
);

-- Dimensions and registers.

CREATE TABLE warehouse.dim_source (
    source text NOT NULL,
    source_name text NOT NULL,
    CONSTRAINT dim_source_pkey PRIMARY KEY (source)
);

CREATE TABLE warehouse.dim_area (
    area_code text NOT NULL,
    area_name text NOT NULL,
    area_type text NOT NULL,
    source text,
    police_force_code text,
    sort_order smallint NOT NULL,
    CONSTRAINT dim_area_pkey PRIMARY KEY (area_code),
    CONSTRAINT dim_area_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT dim_area_sort_order_once UNIQUE (sort_order) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT dim_area_police_force_once UNIQUE (police_force_code),
    CONSTRAINT dim_area_type CHECK (area_type IN ('district', 'csp', 'county', 'service', 'outside', 'unknown')),
    CONSTRAINT dim_area_of_service CHECK ((source IS NOT NULL) = (area_type = 'service')),
    CONSTRAINT dim_area_of_county CHECK (police_force_code IS NULL OR area_type = 'county')
);

CREATE TABLE warehouse.area_member (
    area_code text NOT NULL,
    member_code text NOT NULL,
    valid daterange NOT NULL,
    CONSTRAINT area_member_pkey PRIMARY KEY (area_code, member_code, valid),
    CONSTRAINT area_member_area_fkey FOREIGN KEY (area_code) REFERENCES warehouse.dim_area,
    CONSTRAINT area_member_member_fkey FOREIGN KEY (member_code) REFERENCES warehouse.dim_area,
    CONSTRAINT area_member_valid CHECK (NOT isempty(valid)),
    CONSTRAINT area_member_once EXCLUDE USING gist (area_code WITH =, member_code WITH =, valid WITH &&)
);

CREATE TABLE warehouse.dim_quarter (
    quarter_key text NOT NULL,
    quarter_label text NOT NULL,
    financial_year text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    quarter_of_year smallint NOT NULL GENERATED ALWAYS AS (right(quarter_key, 1)::smallint) STORED,
    CONSTRAINT dim_quarter_pkey PRIMARY KEY (quarter_key),
    CONSTRAINT dim_quarter_label_once UNIQUE (quarter_label),
    CONSTRAINT dim_quarter_start_once UNIQUE (starts_on),
    CONSTRAINT dim_quarter_end_once UNIQUE (ends_on),
    CONSTRAINT dim_quarter_key CHECK (quarter_key ~ '^\d{4}-\d{2}Q[1-4]$'),
    CONSTRAINT dim_quarter_order CHECK (ends_on > starts_on),
    -- A day in two quarters would count twice.
    CONSTRAINT dim_quarter_of_a_day EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
);

CREATE TABLE warehouse.dim_return (
    return_name text NOT NULL,
    return_title text NOT NULL,
    period_months smallint NOT NULL,
    due_working_days smallint NOT NULL,
    expected boolean NOT NULL,
    CONSTRAINT dim_return_pkey PRIMARY KEY (return_name),
    CONSTRAINT dim_return_period CHECK (period_months IN (1, 3)),
    CONSTRAINT dim_return_due CHECK (due_working_days > 0)
);

CREATE TABLE warehouse.population (
    area_code text NOT NULL,
    mid_year smallint NOT NULL,
    persons integer NOT NULL,
    vintage text NOT NULL,
    CONSTRAINT population_pkey PRIMARY KEY (area_code, mid_year, vintage),
    CONSTRAINT population_area_fkey FOREIGN KEY (area_code) REFERENCES warehouse.dim_area,
    CONSTRAINT population_mid_year CHECK (mid_year BETWEEN 2001 AND 2100),
    CONSTRAINT population_persons CHECK (persons > 0)
);

CREATE TABLE marts.dim_measure (
    measure_id text NOT NULL,
    title text NOT NULL,
    theme text NOT NULL,
    lead text NOT NULL,
    source text NOT NULL,
    return_name text NOT NULL,
    good_direction text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    has_rate boolean NOT NULL,
    numerator text NOT NULL,
    denominator text,
    aggregates_up boolean NOT NULL,
    compare_with text,
    valid daterange NOT NULL,
    under_reported boolean NOT NULL,
    note text,
    sort_order smallint NOT NULL,
    CONSTRAINT dim_measure_pkey PRIMARY KEY (measure_id),
    CONSTRAINT dim_measure_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT dim_measure_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT dim_measure_sort_order_once UNIQUE (sort_order) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT dim_measure_good_direction CHECK (good_direction IN ('up', 'down', 'none')),
    CONSTRAINT dim_measure_kind CHECK (kind IN ('count', 'proportion', 'mean', 'money')),
    CONSTRAINT dim_measure_rate_of_count CHECK (NOT has_rate OR kind = 'count'),
    CONSTRAINT dim_measure_divided CHECK ((denominator IS NOT NULL) = (kind IN ('proportion', 'mean')))
);

-- Submissions. The same bytes for the same return are one submission, unless we may not keep the file.

CREATE TABLE intake.submission (
    submission_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    receipt text NOT NULL,
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    file_name text NOT NULL,
    landed_as text,
    content_hash text NOT NULL,
    size_bytes bigint NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    synthetic boolean NOT NULL DEFAULT FALSE,
    nil_return boolean NOT NULL DEFAULT FALSE,
    status text NOT NULL DEFAULT 'received',
    decided_at timestamptz,
    CONSTRAINT submission_pkey PRIMARY KEY (submission_id),
    CONSTRAINT submission_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT submission_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT submission_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT submission_receipt_once UNIQUE (receipt),
    CONSTRAINT submission_moment_once UNIQUE (return_name, source, quarter_key, received_at),
    CONSTRAINT submission_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT submission_size CHECK (size_bytes >= 0),
    CONSTRAINT submission_status CHECK (status IN ('received', 'staged', 'validated', 'accepted', 'refused')),
    CONSTRAINT submission_decided CHECK ((decided_at IS NOT NULL) = (status IN ('accepted', 'refused')))
);
CREATE UNIQUE INDEX submission_content_once ON intake.submission (return_name, source, quarter_key, content_hash) WHERE landed_as IS NOT NULL;

CREATE TABLE intake.staged_file (
    submission_id bigint NOT NULL,
    table_name text NOT NULL,
    file_number smallint NOT NULL,
    sheet text NOT NULL,
    file_month text,
    first_row bigint NOT NULL,
    last_row bigint NOT NULL,
    line_offset bigint NOT NULL,
    columns jsonb NOT NULL,
    CONSTRAINT staged_file_pkey PRIMARY KEY (submission_id, table_name, file_number),
    CONSTRAINT staged_file_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT staged_file_month CHECK (file_month ~ '^\d{4}-\d{2}$'),
    CONSTRAINT staged_file_rows CHECK (last_row >= first_row - 1)
);

CREATE TABLE intake.removed_file (
    submission_id bigint NOT NULL,
    removed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT removed_file_pkey PRIMARY KEY (submission_id),
    CONSTRAINT removed_file_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission
);

CREATE TABLE intake.inbox_file (
    path_hash text NOT NULL,
    place text NOT NULL,
    size_bytes bigint NOT NULL,
    modified_at timestamptz NOT NULL,
    problem text,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT inbox_file_pkey PRIMARY KEY (path_hash),
    CONSTRAINT inbox_file_path_hash CHECK (path_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT inbox_file_size CHECK (size_bytes >= 0),
    CONSTRAINT inbox_file_problem CHECK (problem IN ('no_return', 'no_quarter', 'unknown_folder', 'no_sender'))
);

-- Rules and findings.

CREATE TABLE quality.rule (
    rule_id text NOT NULL,
    return_name text,
    table_name text,
    severity text NOT NULL,
    tier smallint NOT NULL,
    message text NOT NULL,
    CONSTRAINT rule_pkey PRIMARY KEY (rule_id),
    CONSTRAINT rule_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT rule_severity CHECK (severity IN ('critical', 'warning')),
    CONSTRAINT rule_tier CHECK (tier BETWEEN 1 AND 3)
);

CREATE TABLE quality.finding (
    finding_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    submission_id bigint NOT NULL,
    rule_id text NOT NULL,
    message text NOT NULL,
    table_name text,
    sheet text,
    row_number bigint,
    column_name text,
    cell text,
    CONSTRAINT finding_pkey PRIMARY KEY (finding_id),
    CONSTRAINT finding_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT finding_rule_fkey FOREIGN KEY (rule_id) REFERENCES quality.rule
);
CREATE INDEX finding_by_submission ON quality.finding (submission_id, rule_id);

CREATE TABLE quality.waived_finding (
    finding_id bigint NOT NULL,
    waiver text NOT NULL,
    until date NOT NULL,
    allowed_by text NOT NULL,
    why text NOT NULL,
    CONSTRAINT waived_finding_pkey PRIMARY KEY (finding_id),
    CONSTRAINT waived_finding_finding_fkey FOREIGN KEY (finding_id) REFERENCES quality.finding ON DELETE CASCADE
);

CREATE TABLE quality.row_reconciliation (
    submission_id bigint NOT NULL,
    table_name text NOT NULL,
    rows_read bigint NOT NULL,
    rows_staged bigint NOT NULL,
    rows_refused bigint NOT NULL DEFAULT 0,
    rows_loaded bigint NOT NULL DEFAULT 0,
    rows_outside bigint NOT NULL DEFAULT 0,
    CONSTRAINT row_reconciliation_pkey PRIMARY KEY (submission_id, table_name),
    CONSTRAINT row_reconciliation_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT row_reconciliation_read CHECK (rows_read >= 0),
    CONSTRAINT row_reconciliation_staged CHECK (rows_staged >= 0),
    CONSTRAINT row_reconciliation_refused CHECK (rows_refused >= 0),
    CONSTRAINT row_reconciliation_loaded CHECK (rows_loaded >= 0),
    CONSTRAINT row_reconciliation_outside CHECK (rows_outside BETWEEN 0 AND rows_loaded)
);

-- Return versions and what they count. A restatement closes one row of return_version and deletes nothing.

CREATE TABLE warehouse.return_version (
    return_version_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    return_name text NOT NULL,
    source text NOT NULL,
    submission_id bigint NOT NULL,
    period daterange NOT NULL,
    known_during tstzrange NOT NULL,
    synthetic boolean NOT NULL,
    CONSTRAINT return_version_pkey PRIMARY KEY (return_version_id),
    CONSTRAINT return_version_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT return_version_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT return_version_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT return_version_period CHECK (NOT isempty(period)),
    CONSTRAINT return_version_known CHECK (NOT isempty(known_during)),
    CONSTRAINT return_version_one_truth EXCLUDE USING gist (return_name WITH =, source WITH =, period WITH &&, known_during WITH &&)
);
CREATE INDEX return_version_by_submission ON warehouse.return_version (submission_id);

CREATE TABLE marts.component_total (
    return_version_id bigint NOT NULL,
    area_code text NOT NULL,
    starts_on date NOT NULL,
    component text NOT NULL,
    value numeric NOT NULL,
    CONSTRAINT component_total_pkey PRIMARY KEY (return_version_id, component, area_code, starts_on),
    CONSTRAINT component_total_return_version_fkey FOREIGN KEY (return_version_id) REFERENCES warehouse.return_version,
    CONSTRAINT component_total_area_fkey FOREIGN KEY (area_code) REFERENCES warehouse.dim_area
);

-- Feedback. A letter is written in the same transaction as its decision and sent later, so that no letter is lost.

CREATE TABLE feedback.reply (
    submission_id bigint NOT NULL,
    attempt smallint NOT NULL,
    workbook text,
    replied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT reply_pkey PRIMARY KEY (submission_id),
    CONSTRAINT reply_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT reply_attempt CHECK (attempt > 0)
);

CREATE TABLE feedback.letter_kind (
    kind text NOT NULL,
    concerns text NOT NULL,
    CONSTRAINT letter_kind_pkey PRIMARY KEY (kind),
    CONSTRAINT letter_kind_concerns_once UNIQUE (kind, concerns),
    CONSTRAINT letter_kind_concerns CHECK (concerns IN ('submission', 'day', 'request', 'release'))
);
INSERT INTO feedback.letter_kind (kind, concerns)
VALUES
('accepted', 'submission'),
('accepted_with_warnings', 'submission'),
('refused', 'submission'),
('digest', 'day'),
('reminder', 'day'),
('escalation', 'day'),
('approval', 'request'),
('commentary', 'request'),
('commentary_refused', 'request'),
('revision', 'release');

CREATE TABLE feedback.letter (
    letter_id uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    recipient text NOT NULL,
    submission_id bigint,
    about_day date,
    about text,
    concerns text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN submission_id IS NOT NULL THEN 'submission'
            WHEN about_day IS NOT NULL THEN 'day'
            WHEN about IS NOT NULL THEN 'request'
            ELSE 'release'
        END
    ) STORED,
    message_id text NOT NULL,
    subject text NOT NULL,
    plain text NOT NULL,
    html text NOT NULL,
    attachment text,
    state text NOT NULL DEFAULT 'queued',
    attempts smallint NOT NULL DEFAULT 0,
    unsure smallint NOT NULL DEFAULT 0,
    fault text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    CONSTRAINT letter_pkey PRIMARY KEY (letter_id),
    CONSTRAINT letter_kind_fkey FOREIGN KEY (kind, concerns) REFERENCES feedback.letter_kind (kind, concerns),
    CONSTRAINT letter_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT letter_message_once UNIQUE (message_id),
    CONSTRAINT letter_of_submission_once UNIQUE (submission_id, kind),
    CONSTRAINT letter_of_day_once UNIQUE (recipient, kind, about_day),
    CONSTRAINT letter_of_request_once UNIQUE (recipient, kind, about),
    CONSTRAINT letter_concerns CHECK (num_nonnulls(submission_id, about_day, about) <= 1),
    CONSTRAINT letter_about CHECK (about <> ''),
    CONSTRAINT letter_state CHECK (state IN ('queued', 'sending', 'sent')),
    CONSTRAINT letter_attempts CHECK (attempts >= 0),
    CONSTRAINT letter_unsure CHECK (unsure BETWEEN 0 AND attempts),
    CONSTRAINT letter_sent CHECK ((sent_at IS NOT NULL) = (state = 'sent'))
);
CREATE INDEX letter_to_send ON feedback.letter (due_at) WHERE state <> 'sent';

CREATE TABLE feedback.task (
    task_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    reference text NOT NULL,
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    rule_id text NOT NULL,
    number smallint NOT NULL,
    state text NOT NULL,
    findings bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT task_pkey PRIMARY KEY (task_id),
    CONSTRAINT task_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT task_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT task_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT task_rule_fkey FOREIGN KEY (rule_id) REFERENCES quality.rule,
    CONSTRAINT task_reference_once UNIQUE (reference),
    CONSTRAINT task_rule_once UNIQUE (return_name, source, quarter_key, rule_id),
    CONSTRAINT task_number_once UNIQUE (return_name, quarter_key, number),
    CONSTRAINT task_number CHECK (number > 0),
    CONSTRAINT task_state CHECK (state IN ('open', 'closed')),
    CONSTRAINT task_findings CHECK (findings >= 0),
    CONSTRAINT task_closed CHECK ((closed_at IS NOT NULL) = (state = 'closed'))
);

CREATE TABLE feedback.task_event (
    task_id bigint NOT NULL,
    submission_id bigint NOT NULL,
    attempt smallint NOT NULL,
    event text NOT NULL,
    findings bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    CONSTRAINT task_event_pkey PRIMARY KEY (task_id, submission_id),
    CONSTRAINT task_event_task_fkey FOREIGN KEY (task_id) REFERENCES feedback.task,
    CONSTRAINT task_event_submission_fkey FOREIGN KEY (submission_id) REFERENCES intake.submission,
    CONSTRAINT task_event_attempt CHECK (attempt > 0),
    CONSTRAINT task_event_kind CHECK (event IN ('opened', 'still_open', 'closed', 'reopened')),
    CONSTRAINT task_event_findings CHECK (findings >= 0)
);
CREATE INDEX task_event_by_time ON feedback.task_event (happened_at);
CREATE INDEX task_event_by_submission ON feedback.task_event (submission_id);

CREATE TABLE feedback.expected_return (
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    due_on date NOT NULL,
    extended_to date,
    extended_by text,
    extension_why text,
    CONSTRAINT expected_return_pkey PRIMARY KEY (return_name, source, quarter_key),
    CONSTRAINT expected_return_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT expected_return_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT expected_return_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT expected_return_extended CHECK (extended_to > due_on),
    CONSTRAINT expected_return_extension CHECK (num_nonnulls(extended_to, extended_by, extension_why) IN (0, 3))
);

CREATE TABLE feedback.reminder (
    return_name text NOT NULL,
    source text NOT NULL,
    quarter_key text NOT NULL,
    due_on date NOT NULL,
    stage text NOT NULL,
    week smallint NOT NULL,
    letter_id uuid NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (return_name, source, quarter_key, due_on, stage, week),
    CONSTRAINT reminder_return_fkey FOREIGN KEY (return_name) REFERENCES warehouse.dim_return,
    CONSTRAINT reminder_source_fkey FOREIGN KEY (source) REFERENCES warehouse.dim_source,
    CONSTRAINT reminder_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT reminder_letter_fkey FOREIGN KEY (letter_id) REFERENCES feedback.letter,
    CONSTRAINT reminder_stage CHECK (stage IN ('t_minus_10', 't_minus_3', 'due', 'late')),
    CONSTRAINT reminder_week CHECK (week >= 0 AND (week = 0 OR stage = 'late'))
);
CREATE INDEX reminder_by_letter ON feedback.reminder (letter_id);

CREATE TABLE feedback.waiver_task (
    waiver text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    opened_on date NOT NULL,
    closed_on date,
    CONSTRAINT waiver_task_pkey PRIMARY KEY (waiver),
    CONSTRAINT waiver_task_reason CHECK (reason IN ('expired', 'not_needed', 'more_than_expected')),
    CONSTRAINT waiver_task_state CHECK (state IN ('open', 'closed')),
    CONSTRAINT waiver_task_closed CHECK ((closed_on IS NOT NULL) = (state = 'closed'))
);

-- Releases: written once (include/sql/objects/release/written_once.sql). A candidate has at most one decision and one release.

CREATE TABLE release.candidate (
    candidate_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    quarter_key text NOT NULL,
    known_at timestamptz NOT NULL,
    CONSTRAINT candidate_pkey PRIMARY KEY (candidate_id),
    CONSTRAINT candidate_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT candidate_as_released UNIQUE (candidate_id, quarter_key, known_at)
);

CREATE TABLE release.proposal (
    candidate_id bigint NOT NULL,
    data_hash text NOT NULL,
    code_version text NOT NULL,
    difference text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT proposal_pkey PRIMARY KEY (candidate_id),
    CONSTRAINT proposal_candidate_fkey FOREIGN KEY (candidate_id) REFERENCES release.candidate,
    CONSTRAINT proposal_as_released UNIQUE (candidate_id, data_hash),
    CONSTRAINT proposal_data_hash CHECK (data_hash ~ '^[0-9a-f]{64}$')
);

CREATE TABLE release.decision (
    candidate_id bigint NOT NULL,
    verdict text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    remark text NOT NULL,
    CONSTRAINT decision_pkey PRIMARY KEY (candidate_id),
    CONSTRAINT decision_proposal_fkey FOREIGN KEY (candidate_id) REFERENCES release.proposal,
    CONSTRAINT decision_as_released UNIQUE (candidate_id, verdict),
    CONSTRAINT decision_verdict CHECK (verdict IN ('approved', 'sent_back')),
    CONSTRAINT decision_decided_by CHECK (decided_by <> '')
);

-- A release must be an approved candidate, with the same bytes and the same snapshot time.
CREATE TABLE release.release (
    release_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    candidate_id bigint NOT NULL,
    verdict text NOT NULL DEFAULT 'approved',
    quarter_key text NOT NULL,
    number smallint NOT NULL,
    known_at timestamptz NOT NULL,
    data_hash text NOT NULL,
    code_version text NOT NULL,
    suppressed integer NOT NULL,
    manifest jsonb NOT NULL,
    released_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT release_pkey PRIMARY KEY (release_id),
    CONSTRAINT release_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT release_decision_fkey FOREIGN KEY (candidate_id, verdict) REFERENCES release.decision (candidate_id, verdict),
    CONSTRAINT release_candidate_fkey FOREIGN KEY (candidate_id, quarter_key, known_at) REFERENCES release.candidate (candidate_id, quarter_key, known_at),
    CONSTRAINT release_proposal_fkey FOREIGN KEY (candidate_id, data_hash) REFERENCES release.proposal (candidate_id, data_hash),
    CONSTRAINT release_candidate_once UNIQUE (candidate_id),
    CONSTRAINT release_number_once UNIQUE (quarter_key, number),
    CONSTRAINT release_verdict CHECK (verdict = 'approved'),
    CONSTRAINT release_number CHECK (number > 0),
    CONSTRAINT release_data_hash CHECK (data_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT release_suppressed CHECK (suppressed >= 0)
);

CREATE TABLE release.file (
    release_id bigint NOT NULL,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    size_bytes bigint NOT NULL,
    CONSTRAINT file_pkey PRIMARY KEY (release_id, file_name),
    CONSTRAINT file_release_fkey FOREIGN KEY (release_id) REFERENCES release.release,
    CONSTRAINT file_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT file_size CHECK (size_bytes >= 0)
);

CREATE TABLE release.figure (
    release_id bigint NOT NULL,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    figure text NOT NULL,
    amount double precision,
    status text NOT NULL,
    CONSTRAINT figure_pkey PRIMARY KEY (release_id, measure_id, area_code, figure),
    CONSTRAINT figure_release_fkey FOREIGN KEY (release_id) REFERENCES release.release
);

CREATE TABLE release.conclusion (
    release_id bigint NOT NULL,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    verdict text NOT NULL,
    exception boolean NOT NULL,
    CONSTRAINT conclusion_pkey PRIMARY KEY (release_id, measure_id, area_code),
    CONSTRAINT conclusion_release_fkey FOREIGN KEY (release_id) REFERENCES release.release
);

CREATE TABLE release.disclosure_cell (
    release_id bigint NOT NULL,
    component text NOT NULL,
    area_code text NOT NULL,
    first_month integer NOT NULL,
    after_month integer NOT NULL,
    count bigint NOT NULL,
    hidden boolean NOT NULL,
    CONSTRAINT disclosure_cell_pkey PRIMARY KEY (release_id, component, area_code, first_month, after_month),
    CONSTRAINT disclosure_cell_release_fkey FOREIGN KEY (release_id) REFERENCES release.release,
    CONSTRAINT disclosure_cell_count CHECK (count >= 0),
    CONSTRAINT disclosure_cell_months CHECK (first_month < after_month)
);

CREATE TABLE release.commentary_request (
    request_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    quarter_key text NOT NULL,
    measure_id text NOT NULL,
    area_code text NOT NULL,
    direction text NOT NULL,
    lead text NOT NULL,
    due_on date NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT commentary_request_pkey PRIMARY KEY (request_id),
    CONSTRAINT commentary_request_quarter_fkey FOREIGN KEY (quarter_key) REFERENCES warehouse.dim_quarter,
    CONSTRAINT commentary_request_once UNIQUE (quarter_key, measure_id, area_code, due_on)
);

CREATE TABLE release.commentary (
    commentary_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    request_id bigint NOT NULL,
    commentary_text text NOT NULL,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT commentary_pkey PRIMARY KEY (commentary_id),
    CONSTRAINT commentary_request_fkey FOREIGN KEY (request_id) REFERENCES release.commentary_request,
    CONSTRAINT commentary_length CHECK (commentary_text = btrim(commentary_text) AND length(commentary_text) BETWEEN 1 AND 2000),
    CONSTRAINT commentary_given_by CHECK (given_by <> '')
);
CREATE INDEX commentary_by_request ON release.commentary (request_id);

-- A partner reads only its own rows of these tables (include/sql/roles/rows.sql). We keep no statistics of them, because a query plan
-- would use them, and show a partner something about the rows of others.
DO $$
DECLARE
    shared record;
BEGIN
    FOR shared IN
        SELECT
            a.attrelid::regclass AS name,
            string_agg(format('ALTER COLUMN %I SET STATISTICS 0', a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_attribute AS a
        WHERE
            a.attrelid IN (
                'intake.submission'::regclass, 'intake.staged_file'::regclass, 'quality.finding'::regclass,
                'quality.row_reconciliation'::regclass
            )
            AND a.attnum > 0
        GROUP BY a.attrelid
    LOOP
        EXECUTE format('ALTER TABLE %s %s', shared.name, shared.columns);
    END LOOP;
END
$$;
