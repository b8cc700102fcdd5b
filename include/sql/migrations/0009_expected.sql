-- Grain: one row a return that is owed, a reminder, a finding that was waived, a task of a waiver, a file that was removed.
-- Keys: a return is owed by one source for one quarter; a reminder is one stage of one due date; a waiver has one task.
-- Why: who owes what can be asked at any time; a reminder is written once however often the chase runs; a waived finding stays a finding.

CREATE TABLE feedback.expected_return (
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    source text NOT NULL REFERENCES warehouse.dim_source,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    due_on date NOT NULL,
    extended_to date CHECK (extended_to > due_on),
    extended_by text CHECK ((extended_by IS NULL) = (extended_to IS NULL)),
    extension_why text CHECK ((extension_why IS NULL) = (extended_to IS NULL)),
    PRIMARY KEY (return_name, source, quarter_key)
);
COMMENT ON TABLE feedback.expected_return IS 'Who owes which return for which quarter, past and future; follows the contracts and the register of extensions';
COMMENT ON COLUMN feedback.expected_return.return_name IS 'Which return';
COMMENT ON COLUMN feedback.expected_return.source IS 'Who owes it';
COMMENT ON COLUMN feedback.expected_return.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.expected_return.due_on IS 'By when, as its contract says: working days after the quarter''s end';
COMMENT ON COLUMN feedback.expected_return.extended_to IS 'By when it is wanted instead; NULL where no longer time was allowed';
COMMENT ON COLUMN feedback.expected_return.extended_by IS 'Who allowed it, a role; NULL where no longer time was allowed';
COMMENT ON COLUMN feedback.expected_return.extension_why IS 'Why; NULL where no longer time was allowed';

-- A file that may not be kept has no place in the landing; the same bytes may come again once they may be kept.
ALTER TABLE intake.submission
ADD COLUMN nil_return boolean NOT NULL DEFAULT FALSE,
ALTER COLUMN landed_as DROP NOT NULL,
DROP CONSTRAINT submission_return_name_source_quarter_key_content_hash_key;
CREATE UNIQUE INDEX submission_once ON intake.submission (return_name, source, quarter_key, content_hash) WHERE landed_as IS NOT NULL;
COMMENT ON COLUMN intake.submission.nil_return IS 'Whether the sender says that there was nothing to report';
COMMENT ON COLUMN intake.submission.landed_as IS
'Where the file lies, write-once, relative to the landing folder; NULL where it was refused unread and not kept';
COMMENT ON COLUMN intake.submission.file_name IS
'Name of a published monthly file as it was sent; else the return''s name and the ending, because a sender''s own words may name a person';

CREATE TABLE intake.removed_file (
    submission_id bigint PRIMARY KEY REFERENCES intake.submission,
    removed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE intake.removed_file IS 'Submissions whose file, and workbook that says what to fix, were removed because their time was up';
COMMENT ON COLUMN intake.removed_file.submission_id IS 'The submission';
COMMENT ON COLUMN intake.removed_file.removed_at IS 'When';

ALTER TABLE feedback.letter
DROP CONSTRAINT letter_kind_check,
DROP CONSTRAINT letter_answers,
DROP CONSTRAINT letter_check1,
ADD CONSTRAINT letter_kind_check CHECK (
    kind IN ('accepted', 'accepted_with_warnings', 'refused', 'digest', 'revision', 'reminder', 'escalation')
),
ADD CONSTRAINT letter_answers CHECK ((submission_id IS NULL) = (kind IN ('digest', 'revision', 'reminder', 'escalation'))),
ADD CONSTRAINT letter_of_a_day CHECK ((about_day IS NOT NULL) = (kind IN ('digest', 'reminder', 'escalation')));
COMMENT ON COLUMN feedback.letter.kind IS
'accepted, accepted_with_warnings, refused, digest, revision, reminder (to the mailbox), or escalation (to the escalation mailbox)';
COMMENT ON COLUMN feedback.letter.submission_id IS 'The submission that it answers; NULL where it answers none';
COMMENT ON COLUMN feedback.letter.about_day IS 'The day of a digest or reminder; NULL for an answer or a revision';

CREATE TABLE feedback.reminder (
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    source text NOT NULL REFERENCES warehouse.dim_source,
    quarter_key text NOT NULL REFERENCES warehouse.dim_quarter,
    due_on date NOT NULL,
    stage text NOT NULL CHECK (stage IN ('ten working days', 'three working days', 'due', 'late')),
    week smallint NOT NULL CHECK (week >= 0 AND (week = 0 OR stage = 'late')),
    letter_id uuid NOT NULL REFERENCES feedback.letter,
    PRIMARY KEY (return_name, source, quarter_key, due_on, stage, week)
);
COMMENT ON TABLE feedback.reminder IS 'What was said of a return that is owed, once for each stage; a new due date begins anew';
COMMENT ON COLUMN feedback.reminder.return_name IS 'Which return';
COMMENT ON COLUMN feedback.reminder.source IS 'Who was reminded, or is late';
COMMENT ON COLUMN feedback.reminder.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.reminder.due_on IS 'By when it was then wanted';
COMMENT ON COLUMN feedback.reminder.stage IS 'ten working days before, three working days before, due on that day, or late';
COMMENT ON COLUMN feedback.reminder.week IS 'Whole weeks since it was wanted; in week 0 of a late one the unit alone is told';
COMMENT ON COLUMN feedback.reminder.letter_id IS 'The letter that said so; it may speak of more than one return';

CREATE FUNCTION feedback.expected_return_status_on(day date)
RETURNS TABLE (
    return_name text, return_title text, source text, source_name text, quarter_key text, quarter_label text, due_on date, deadline date,
    extended_by text, extension_why text, state text, days_late integer, attempts bigint, newest_receipt text, newest_received_at timestamptz,
    nil_return boolean, synthetic boolean, open_tasks bigint
) LANGUAGE sql STABLE AS $$
SELECT
    o.return_name,
    r.return_title,
    o.source,
    p.source_name,
    o.quarter_key,
    q.quarter_label,
    o.due_on,
    w.deadline,
    o.extended_by,
    o.extension_why,
    w.state,
    CASE WHEN w.state IN ('late', 'refused') THEN greatest(day - w.deadline, 0) ELSE 0 END,
    coalesce(n.attempts, 0),
    n.newest_receipt,
    n.newest_received_at,
    coalesce(n.nil_return, false),
    coalesce(n.synthetic, false),
    (
        SELECT count(*) FROM feedback.task AS k
        WHERE (k.return_name, k.source, k.quarter_key, k.state) = (o.return_name, o.source, o.quarter_key, 'open')
    )
FROM feedback.expected_return AS o
INNER JOIN warehouse.dim_return AS r ON o.return_name = r.return_name
INNER JOIN warehouse.dim_source AS p ON o.source = p.source
INNER JOIN warehouse.dim_quarter AS q ON o.quarter_key = q.quarter_key
LEFT JOIN LATERAL (
    SELECT
        count(*) AS attempts,
        bool_or(s.status = 'accepted') AS accepted,
        (array_agg(s.status ORDER BY s.received_at DESC))[1] AS newest_status,
        (array_agg(s.receipt ORDER BY s.received_at DESC))[1] AS newest_receipt,
        max(s.received_at) AS newest_received_at,
        (array_agg(s.nil_return ORDER BY s.status = 'accepted' DESC, s.received_at DESC))[1] AS nil_return,
        bool_or(s.synthetic) AS synthetic
    FROM intake.submission AS s
    WHERE
        (s.return_name, s.source, s.quarter_key) = (o.return_name, o.source, o.quarter_key)
        AND s.received_at < (day + 1)::timestamp AT TIME ZONE 'Europe/London'
) AS n ON true
CROSS JOIN LATERAL (
    SELECT
        coalesce(o.extended_to, o.due_on) AS deadline,
        CASE
            WHEN n.accepted THEN 'received'
            WHEN n.newest_status = 'refused' THEN 'refused'
            WHEN n.newest_status IS NOT NULL THEN 'being checked'
            WHEN day > coalesce(o.extended_to, o.due_on) THEN 'late'
            WHEN day > q.ends_on THEN 'due'
            ELSE 'not due'
        END AS state
) AS w
WHERE q.starts_on <= day
$$;
COMMENT ON FUNCTION feedback.expected_return_status_on(date) IS
'Every return that was owed on a day, with what had come by then: not due, due, late, being checked, refused (owes a correction) or received';

CREATE VIEW feedback.expected_return_status AS
SELECT e.* FROM feedback.expected_return_status_on((now() AT TIME ZONE 'Europe/London')::date) AS e;
COMMENT ON VIEW feedback.expected_return_status IS 'Who owes which return today, and what has come';
COMMENT ON COLUMN feedback.expected_return_status.return_name IS 'Which return';
COMMENT ON COLUMN feedback.expected_return_status.return_title IS 'Its title for people';
COMMENT ON COLUMN feedback.expected_return_status.source IS 'Who owes it';
COMMENT ON COLUMN feedback.expected_return_status.source_name IS 'Their full name';
COMMENT ON COLUMN feedback.expected_return_status.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.expected_return_status.quarter_label IS 'The quarter as people write it';
COMMENT ON COLUMN feedback.expected_return_status.due_on IS 'By when, as its contract says';
COMMENT ON COLUMN feedback.expected_return_status.deadline IS 'By when it is wanted: the later day, where longer time was allowed';
COMMENT ON COLUMN feedback.expected_return_status.extended_by IS 'Who allowed longer time; NULL where nobody did';
COMMENT ON COLUMN feedback.expected_return_status.extension_why IS 'Why; NULL where no longer time was allowed';
COMMENT ON COLUMN feedback.expected_return_status.state IS
'not due (the quarter has not ended), due, late, being checked, refused (a correction is owed) or received (one was accepted)';
COMMENT ON COLUMN feedback.expected_return_status.days_late IS 'Days since it was wanted; 0 where it is not owed any more or not yet late';
COMMENT ON COLUMN feedback.expected_return_status.attempts IS 'How many files came for it';
COMMENT ON COLUMN feedback.expected_return_status.newest_receipt IS 'Receipt of the newest; NULL where none came';
COMMENT ON COLUMN feedback.expected_return_status.newest_received_at IS 'When it came; NULL where none came';
COMMENT ON COLUMN feedback.expected_return_status.nil_return IS 'Whether the accepted one, else the newest, says that there was nothing to report';
COMMENT ON COLUMN feedback.expected_return_status.synthetic IS 'Whether any of them is a made-up sample';
COMMENT ON COLUMN feedback.expected_return_status.open_tasks IS 'What is still to be put right in it';

CREATE TABLE quality.waived_finding (
    finding_id bigint PRIMARY KEY REFERENCES quality.finding ON DELETE CASCADE,
    waiver text NOT NULL,
    until date NOT NULL
);
COMMENT ON TABLE quality.waived_finding IS 'Findings that a waiver in expectations/_waivers.yml turned into warnings';
COMMENT ON COLUMN quality.waived_finding.finding_id IS 'The finding';
COMMENT ON COLUMN quality.waived_finding.waiver IS 'Id of the waiver';
COMMENT ON COLUMN quality.waived_finding.until IS 'The day until which the waiver then held';

CREATE VIEW quality.judged_finding AS
SELECT
    f.finding_id,
    f.submission_id,
    f.rule_id,
    CASE WHEN w.finding_id IS NULL THEN r.severity ELSE 'warning' END AS severity,
    r.tier,
    f.message || coalesce(' We take it as it is until ' || to_char(w.until, 'FMDD FMMonth YYYY') || ' (waiver ' || w.waiver || ').', '') AS message,
    f.table_name,
    f.sheet,
    f.row_number,
    f.column_name,
    f.cell,
    w.waiver
FROM quality.finding AS f
INNER JOIN quality.rule AS r ON f.rule_id = r.rule_id
LEFT JOIN quality.waived_finding AS w ON f.finding_id = w.finding_id;
COMMENT ON VIEW quality.judged_finding IS 'Findings with how grave they are once waivers are counted';
COMMENT ON COLUMN quality.judged_finding.finding_id IS 'Number of the finding';
COMMENT ON COLUMN quality.judged_finding.submission_id IS 'The submission';
COMMENT ON COLUMN quality.judged_finding.rule_id IS 'The rule that failed';
COMMENT ON COLUMN quality.judged_finding.severity IS 'critical refuses the return, warning is only reported; what was waived is a warning';
COMMENT ON COLUMN quality.judged_finding.tier IS '1 the file, 2 cell and row, 3 the whole return';
COMMENT ON COLUMN quality.judged_finding.message IS 'What to fix, and the waiver where there is one';
COMMENT ON COLUMN quality.judged_finding.table_name IS 'The contract''s table; NULL where the finding is about the file';
COMMENT ON COLUMN quality.judged_finding.sheet IS 'Sheet, or file inside the archive; NULL where the finding is about the file';
COMMENT ON COLUMN quality.judged_finding.row_number IS 'Row of the sheet or line of the file; NULL where it is about more than a row';
COMMENT ON COLUMN quality.judged_finding.column_name IS 'The contract''s column; NULL where it is about the row';
COMMENT ON COLUMN quality.judged_finding.cell IS 'Address in the workbook; NULL where there is none';
COMMENT ON COLUMN quality.judged_finding.waiver IS 'Id of the waiver; NULL where it was not waived';

CREATE OR REPLACE VIEW quality.submission_score AS
WITH numbered AS (
    SELECT
        s.submission_id,
        s.return_name,
        s.source,
        s.quarter_key,
        s.status,
        s.received_at,
        s.synthetic,
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
        count(DISTINCT concat_ws('/', f.table_name, f.sheet, f.row_number)) FILTER (WHERE f.severity = 'critical') AS rows_to_fix,
        count(*) FILTER (WHERE f.severity = 'warning') AS warnings,
        bool_or(f.severity = 'critical' AND (f.tier = 1 OR f.row_number IS NULL)) AS whole_file
    FROM quality.judged_finding AS f
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

CREATE TABLE feedback.waiver_task (
    waiver text PRIMARY KEY,
    reason text NOT NULL CHECK (reason IN ('expired', 'not needed', 'more than expected')),
    state text NOT NULL CHECK (state IN ('open', 'closed')),
    opened_on date NOT NULL,
    closed_on date CHECK ((closed_on IS NOT NULL) = (state = 'closed'))
);
COMMENT ON TABLE feedback.waiver_task IS 'Waivers that the unit has to look at; opened and closed by the chase';
COMMENT ON COLUMN feedback.waiver_task.waiver IS 'Id of the waiver in expectations/_waivers.yml';
COMMENT ON COLUMN feedback.waiver_task.reason IS
'expired, not needed (the newest return has no such finding), or more than expected (it has others than were foreseen, and was refused)';
COMMENT ON COLUMN feedback.waiver_task.state IS 'open, or closed: the waiver was removed, renewed or is needed again';
COMMENT ON COLUMN feedback.waiver_task.opened_on IS 'When it was opened last';
COMMENT ON COLUMN feedback.waiver_task.closed_on IS 'When it was closed; NULL while it is open';
