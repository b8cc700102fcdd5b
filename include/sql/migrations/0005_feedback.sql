-- Grain: one row a reply to a decided submission, a letter, a task, an event of a task; the views one a decided submission and one a return.
-- Keys: a submission has one reply and one letter; a task is one rule for one owner, that is source, return and quarter.
-- Why: a letter is written with the decision that it tells and sent afterwards, so that neither waits for the other and none is lost.

CREATE SCHEMA feedback;
COMMENT ON SCHEMA feedback IS 'What partners were told, and what they have still to put right';

CREATE TABLE feedback.reply (
    submission_id bigint PRIMARY KEY REFERENCES intake.submission,
    attempt smallint NOT NULL CHECK (attempt > 0),
    workbook text,
    replied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE feedback.reply IS 'Submissions whose decision was told to the partner and turned into tasks';
COMMENT ON COLUMN feedback.reply.submission_id IS 'The submission';
COMMENT ON COLUMN feedback.reply.attempt IS 'Which attempt it was: its place among the files received for the return and quarter';
COMMENT ON COLUMN feedback.reply.workbook IS 'The workbook that says what to fix, relative to the state folder; NULL where there was nothing to say';
COMMENT ON COLUMN feedback.reply.replied_at IS 'When';

CREATE TABLE feedback.letter (
    letter_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('accepted', 'accepted_with_warnings', 'refused', 'digest')),
    recipient text NOT NULL,
    submission_id bigint REFERENCES intake.submission CHECK ((submission_id IS NULL) = (kind = 'digest')),
    about_day date CHECK ((about_day IS NOT NULL) = (kind = 'digest')),
    message_id text NOT NULL UNIQUE,
    subject text NOT NULL,
    plain text NOT NULL,
    html text NOT NULL,
    attachment text,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent')),
    attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    unsure smallint NOT NULL DEFAULT 0 CHECK (unsure BETWEEN 0 AND attempts),
    fault text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz CHECK ((sent_at IS NOT NULL) = (state = 'sent')),
    UNIQUE (submission_id, kind),
    UNIQUE (recipient, kind, about_day)
);
CREATE INDEX letter_to_send ON feedback.letter (due_at) WHERE state <> 'sent';
COMMENT ON TABLE feedback.letter IS 'The outbox: every letter, sent or not; sent letters are kept as they were';
COMMENT ON COLUMN feedback.letter.letter_id IS 'Identity of the letter';
COMMENT ON COLUMN feedback.letter.kind IS 'accepted, accepted_with_warnings, refused, or digest';
COMMENT ON COLUMN feedback.letter.recipient IS 'Key of the partner, or unit; the address is looked up when it is sent';
COMMENT ON COLUMN feedback.letter.submission_id IS 'The submission that it answers; NULL for a digest';
COMMENT ON COLUMN feedback.letter.about_day IS 'The day of a digest; NULL for an answer';
COMMENT ON COLUMN feedback.letter.message_id IS 'Message-ID of the mail, the same however often it is sent';
COMMENT ON COLUMN feedback.letter.subject IS 'Subject of the mail';
COMMENT ON COLUMN feedback.letter.plain IS 'The letter as plain text';
COMMENT ON COLUMN feedback.letter.html IS 'The letter as HTML';
COMMENT ON COLUMN feedback.letter.attachment IS 'The file to attach, relative to the state folder; NULL where there is none';
COMMENT ON COLUMN feedback.letter.state IS 'queued, sending, or sent';
COMMENT ON COLUMN feedback.letter.attempts IS 'How often sending it was begun';
COMMENT ON COLUMN feedback.letter.unsure IS 'How often the mail server fell silent before it answered: it may have the letter more than once';
COMMENT ON COLUMN feedback.letter.fault IS 'Why it was not sent at the last attempt; NULL if it was, or was never tried';
COMMENT ON COLUMN feedback.letter.queued_at IS 'When it was written';
COMMENT ON COLUMN feedback.letter.due_at IS 'When it is to be sent, or tried again';
COMMENT ON COLUMN feedback.letter.sent_at IS 'When the mail server took it; NULL until then';

CREATE TABLE feedback.task (
    task_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    source text NOT NULL REFERENCES warehouse.dim_source,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    rule_id text NOT NULL REFERENCES quality.rule,
    number smallint NOT NULL CHECK (number > 0),
    state text NOT NULL CHECK (state IN ('open', 'closed')),
    findings bigint NOT NULL CHECK (findings >= 0),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz CHECK ((closed_at IS NOT NULL) = (state = 'closed')),
    UNIQUE (return_name, source, quarter_key, rule_id),
    UNIQUE (return_name, quarter_key, number)
);
COMMENT ON TABLE feedback.task IS 'What a partner has to put right: the findings of one rule in one return for a quarter';
COMMENT ON COLUMN feedback.task.task_id IS 'Number of the task';
COMMENT ON COLUMN feedback.task.reference IS 'What people call it: SAN-2021-22Q4-T03';
COMMENT ON COLUMN feedback.task.return_name IS 'Which return';
COMMENT ON COLUMN feedback.task.source IS 'Who is to put it right';
COMMENT ON COLUMN feedback.task.quarter_key IS 'The quarter of the return';
COMMENT ON COLUMN feedback.task.rule_id IS 'The rule that failed';
COMMENT ON COLUMN feedback.task.number IS 'Running number within the return and quarter; never given again';
COMMENT ON COLUMN feedback.task.state IS 'open, or closed';
COMMENT ON COLUMN feedback.task.findings IS 'How many findings it had when it was last looked for; 0 once it is closed';
COMMENT ON COLUMN feedback.task.opened_at IS 'When it was opened first';
COMMENT ON COLUMN feedback.task.closed_at IS 'When it was closed; NULL while it is open';

CREATE TABLE feedback.task_event (
    task_id bigint NOT NULL REFERENCES feedback.task,
    submission_id bigint NOT NULL REFERENCES intake.submission,
    attempt smallint NOT NULL CHECK (attempt > 0),
    event text NOT NULL CHECK (event IN ('opened', 'still open', 'closed', 'opened again')),
    findings bigint NOT NULL CHECK (findings >= 0),
    happened_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, submission_id)
);
CREATE INDEX task_event_by_time ON feedback.task_event (happened_at);
COMMENT ON TABLE feedback.task_event IS 'What each attempt did to a task';
COMMENT ON COLUMN feedback.task_event.task_id IS 'The task';
COMMENT ON COLUMN feedback.task_event.submission_id IS 'The submission that did it';
COMMENT ON COLUMN feedback.task_event.attempt IS 'Which attempt that was';
COMMENT ON COLUMN feedback.task_event.event IS 'opened, still open, closed, or opened again';
COMMENT ON COLUMN feedback.task_event.findings IS 'How many findings the submission had';
COMMENT ON COLUMN feedback.task_event.happened_at IS 'When';

CREATE VIEW quality.submission_score AS
WITH numbered AS (
    SELECT
        s.*,
        row_number() OVER (PARTITION BY s.return_name, s.source, s.quarter_key ORDER BY s.received_at) AS attempt
    FROM intake.submission AS s
),
account AS (
    SELECT
        submission_id,
        sum(rows_read) AS rows_read
    FROM quality.row_reconciliation
    GROUP BY submission_id
),
fault AS (
    SELECT
        f.submission_id,
        count(DISTINCT concat_ws('/', f.table_name, f.sheet, f.row_number)) FILTER (WHERE r.severity = 'critical') AS rows_to_fix,
        count(*) FILTER (WHERE r.severity = 'warning') AS warnings,
        bool_or(r.severity = 'critical' AND (r.tier = 1 OR f.row_number IS NULL)) AS whole_file
    FROM quality.finding AS f
    INNER JOIN quality.rule AS r ON f.rule_id = r.rule_id
    GROUP BY f.submission_id
)
SELECT
    s.submission_id,
    s.return_name,
    s.source,
    s.quarter_key,
    s.attempt,
    s.status,
    s.received_at,
    s.synthetic,
    coalesce(a.rows_read, 0) AS rows_read,
    least(coalesce(f.rows_to_fix, 0), coalesce(a.rows_read, 0)) AS rows_to_fix,
    coalesce(f.warnings, 0) AS warnings,
    CASE
        WHEN f.whole_file THEN 0.0
        WHEN coalesce(a.rows_read, 0) = 0 THEN 100.0
        ELSE round(100 * (1 - least(coalesce(f.rows_to_fix, 0), a.rows_read) / a.rows_read), 1)
    END AS score
FROM numbered AS s
LEFT JOIN account AS a ON s.submission_id = a.submission_id
LEFT JOIN fault AS f ON s.submission_id = f.submission_id
WHERE s.status IN ('accepted', 'refused');
COMMENT ON VIEW quality.submission_score IS 'Data quality of each decided submission: how much of it needed no mending, out of 100';
COMMENT ON COLUMN quality.submission_score.submission_id IS 'The submission';
COMMENT ON COLUMN quality.submission_score.return_name IS 'Which return';
COMMENT ON COLUMN quality.submission_score.source IS 'Who sent it';
COMMENT ON COLUMN quality.submission_score.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN quality.submission_score.attempt IS 'Its place among the files received for the return and quarter';
COMMENT ON COLUMN quality.submission_score.status IS 'accepted or refused';
COMMENT ON COLUMN quality.submission_score.received_at IS 'When we received it';
COMMENT ON COLUMN quality.submission_score.synthetic IS 'Whether it is a sample with made-up figures';
COMMENT ON COLUMN quality.submission_score.rows_read IS 'Rows found in the file';
COMMENT ON COLUMN quality.submission_score.rows_to_fix IS 'Of these, rows with a finding that must be fixed';
COMMENT ON COLUMN quality.submission_score.warnings IS 'Findings that are only reported';
COMMENT ON COLUMN quality.submission_score.score IS
'Percentage of the rows with nothing that must be fixed; 0 if the file as a whole must be, 100 if it had no rows and nothing was wrong';

CREATE VIEW marts.return_quality AS
SELECT
    return_name,
    source,
    quarter_key,
    max(attempt) AS attempts,
    min(attempt) FILTER (WHERE status = 'accepted') AS accepted_at_attempt,
    (array_agg(score ORDER BY attempt))[1] AS first_score,
    (array_agg(score ORDER BY attempt DESC))[1] AS newest_score,
    (array_agg(warnings ORDER BY attempt DESC))[1] AS newest_warnings,
    bool_or(synthetic) AS synthetic
FROM quality.submission_score
GROUP BY return_name, source, quarter_key;
COMMENT ON VIEW marts.return_quality IS 'Data quality of each return over time; no row where the return was not received';
COMMENT ON COLUMN marts.return_quality.return_name IS 'Which return';
COMMENT ON COLUMN marts.return_quality.source IS 'Who sent it';
COMMENT ON COLUMN marts.return_quality.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.return_quality.attempts IS 'How many files were decided';
COMMENT ON COLUMN marts.return_quality.accepted_at_attempt IS 'The first attempt that was accepted; NULL while none is';
COMMENT ON COLUMN marts.return_quality.first_score IS 'Score of the first attempt: the data quality score of the return';
COMMENT ON COLUMN marts.return_quality.newest_score IS 'Score of the newest attempt';
COMMENT ON COLUMN marts.return_quality.newest_warnings IS 'Findings of the newest attempt that are only reported';
COMMENT ON COLUMN marts.return_quality.synthetic IS 'Whether any of them is a sample with made-up figures';
