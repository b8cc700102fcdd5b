-- Grain: table of schema feedback, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA feedback IS 'Letters to partners, and what partners still have to correct';

COMMENT ON TABLE feedback.reply IS 'Submissions with a reply to the partner, with tasks for what is to be corrected';
COMMENT ON COLUMN feedback.reply.submission_id IS 'The submission';
COMMENT ON COLUMN feedback.reply.attempt IS 'Which attempt it was: its place among the files received for the return and quarter';
COMMENT ON COLUMN feedback.reply.workbook IS 'The marked workbook, relative to the state folder; NULL where there was nothing to mark';
COMMENT ON COLUMN feedback.reply.replied_at IS 'When';

COMMENT ON TABLE feedback.letter_kind IS 'Kinds of letters, and what a letter of each kind is about';
COMMENT ON COLUMN feedback.letter_kind.kind IS
'accepted, accepted_with_warnings, refused, digest, reminder (to the mailbox), escalation (to the escalation mailbox), approval (to an approver),
commentary (to a lead), commentary_refused (to a lead again), revision, answer (to a partner''s message), or refusal (to the unit)';
COMMENT ON COLUMN feedback.letter_kind.concerns IS 'What such a letter is about: submission, day, request or release';

COMMENT ON TABLE feedback.letter IS 'The outbox: every letter, sent or not; sent letters are kept as they were';
COMMENT ON COLUMN feedback.letter.letter_id IS 'Identity of the letter';
COMMENT ON COLUMN feedback.letter.kind IS
'What kind of letter it is';
COMMENT ON COLUMN feedback.letter.recipient IS
'Key of the partner, unit, or for an approval the approver''s login name; the address is looked up when it is sent';
COMMENT ON COLUMN feedback.letter.submission_id IS 'The submission that it is about; NULL for other letters';
COMMENT ON COLUMN feedback.letter.about_day IS 'The day of a digest or reminder; NULL for other letters';
COMMENT ON COLUMN feedback.letter.concerns IS 'What it is about, as its kind must be: submission, day, request or release';
COMMENT ON COLUMN feedback.letter.message_id IS 'Message-ID of the email, the same however often it is sent';
COMMENT ON COLUMN feedback.letter.subject IS 'Subject of the email';
COMMENT ON COLUMN feedback.letter.plain IS 'The letter as plain text';
COMMENT ON COLUMN feedback.letter.html IS 'The letter as HTML';
COMMENT ON COLUMN feedback.letter.attachment IS 'The file to attach, relative to the state folder; NULL where there is none';
COMMENT ON COLUMN feedback.letter.state IS 'queued, sending, sent, or withdrawn: decided before it was sent';
COMMENT ON COLUMN feedback.letter.attempts IS 'How often we tried to send it';
COMMENT ON COLUMN feedback.letter.unsure IS 'How often the mail server gave no answer: it may have the letter more than once';
COMMENT ON COLUMN feedback.letter.fault IS 'Why it was not sent at the last attempt; NULL if it was, or if we have not tried';
COMMENT ON COLUMN feedback.letter.queued_at IS 'When it was written';
COMMENT ON COLUMN feedback.letter.due_at IS 'When to send it, or to try again';
COMMENT ON COLUMN feedback.letter.sent_at IS 'When the mail server accepted it; NULL until then';
COMMENT ON COLUMN feedback.letter.about IS 'The candidate to approve, or the requests for commentary; NULL for other letters';

COMMENT ON TABLE feedback.task IS 'What a partner has to correct: the findings of one rule in one return for a quarter';
COMMENT ON COLUMN feedback.task.task_id IS 'Number of the task';
COMMENT ON COLUMN feedback.task.reference IS 'What people call it, for example SAN-2021-22Q4-T03';
COMMENT ON COLUMN feedback.task.return_name IS 'Which return';
COMMENT ON COLUMN feedback.task.source IS 'Who is to correct it';
COMMENT ON COLUMN feedback.task.quarter_key IS 'The quarter of the return';
COMMENT ON COLUMN feedback.task.rule_id IS 'The rule that fails';
COMMENT ON COLUMN feedback.task.number IS 'Running number within the return and quarter; never used again';
COMMENT ON COLUMN feedback.task.state IS 'open, or closed';
COMMENT ON COLUMN feedback.task.findings IS 'How many findings it has in the newest attempt; 0 once it is closed';
COMMENT ON COLUMN feedback.task.opened_at IS 'When it was opened first';
COMMENT ON COLUMN feedback.task.closed_at IS 'When it was closed; NULL while it is open';

COMMENT ON TABLE feedback.task_event IS 'What each attempt did to a task';
COMMENT ON COLUMN feedback.task_event.task_id IS 'The task';
COMMENT ON COLUMN feedback.task_event.submission_id IS 'The submission that did it';
COMMENT ON COLUMN feedback.task_event.attempt IS 'Which attempt that was';
COMMENT ON COLUMN feedback.task_event.event IS 'opened, still_open, closed, or reopened';
COMMENT ON COLUMN feedback.task_event.findings IS 'How many findings the submission had';
COMMENT ON COLUMN feedback.task_event.happened_at IS 'When';

COMMENT ON TABLE feedback.expected_return IS
'Who owes which return for which quarter, past and future; follows the contracts and the register of extensions';
COMMENT ON COLUMN feedback.expected_return.return_name IS 'Which return';
COMMENT ON COLUMN feedback.expected_return.source IS 'Who owes it';
COMMENT ON COLUMN feedback.expected_return.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.expected_return.due_on IS 'By when, as its contract says: working days after the quarter''s end';
COMMENT ON COLUMN feedback.expected_return.extended_to IS 'Extension: by when it is due instead; NULL where there is none';
COMMENT ON COLUMN feedback.expected_return.extended_by IS 'Who allowed the extension: a role; NULL where there is none';
COMMENT ON COLUMN feedback.expected_return.extension_why IS 'Why it was allowed; NULL where there is none';

COMMENT ON TABLE feedback.reminder IS 'Reminders that were written: one for each stage; a new due date starts the stages again';
COMMENT ON COLUMN feedback.reminder.return_name IS 'Which return';
COMMENT ON COLUMN feedback.reminder.source IS 'Who was reminded, or is late';
COMMENT ON COLUMN feedback.reminder.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.reminder.due_on IS 'By when it was due then';
COMMENT ON COLUMN feedback.reminder.stage IS 't_minus_10 or t_minus_3 (working days before it is due), due (on the day), or late';
COMMENT ON COLUMN feedback.reminder.week IS 'Whole weeks since it was due; week 0 is a reminder to the unit alone';
COMMENT ON COLUMN feedback.reminder.letter_id IS 'The letter; it may be about more than one return';

COMMENT ON TABLE feedback.waiver_task IS 'Waivers that the unit has to look at; opened and closed by the daily reminders';
COMMENT ON COLUMN feedback.waiver_task.waiver IS 'Id of the waiver in the register of waivers';
COMMENT ON COLUMN feedback.waiver_task.reason IS
'expired, not_needed (the newest return has no such finding), or more_than_expected (it has other findings than the waiver names, and was refused)';
COMMENT ON COLUMN feedback.waiver_task.state IS 'open, or closed: the waiver was removed, renewed or is needed again';
COMMENT ON COLUMN feedback.waiver_task.opened_on IS 'When it was opened last';
COMMENT ON COLUMN feedback.waiver_task.closed_on IS 'When it was closed; NULL while it is open';

COMMENT ON TABLE feedback.extension IS
'Decisions about extensions on the web pages: the newest for a return counts, before the register of extensions';
COMMENT ON COLUMN feedback.extension.extension_id IS 'Number of the decision';
COMMENT ON COLUMN feedback.extension.return_name IS 'Which return';
COMMENT ON COLUMN feedback.extension.source IS 'Who owes it';
COMMENT ON COLUMN feedback.extension.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.extension.until IS 'By when it is due instead; NULL if the extension was withdrawn';
COMMENT ON COLUMN feedback.extension.allowed_by IS 'Who allowed it: a role';
COMMENT ON COLUMN feedback.extension.why IS 'Why it was allowed';
COMMENT ON COLUMN feedback.extension.decided_by IS 'The mailbox of the person who entered it';
COMMENT ON COLUMN feedback.extension.decided_at IS 'When it was entered';

COMMENT ON TABLE feedback.register_entry IS
'Decisions about entries of registers on the web pages: the newest for a key counts, before the register itself';
COMMENT ON COLUMN feedback.register_entry.register_entry_id IS 'Number of the decision';
COMMENT ON COLUMN feedback.register_entry.register IS 'Which register: waivers, contacts, leads, approvers, agreements, settings, targets or areas';
COMMENT ON COLUMN feedback.register_entry.key IS 'Which entry: the id of a waiver, the key of a partner';
COMMENT ON COLUMN feedback.register_entry.follows IS 'The decision before it about the same key; NULL for the first. Two never follow the same';
COMMENT ON COLUMN feedback.register_entry.entry IS 'The entry as the register would have it; NULL if it was withdrawn';
COMMENT ON COLUMN feedback.register_entry.allowed_by IS 'Who allowed it: a role';
COMMENT ON COLUMN feedback.register_entry.why IS 'Why it was allowed';
COMMENT ON COLUMN feedback.register_entry.decided_by IS 'The mailbox of the person who entered it';
COMMENT ON COLUMN feedback.register_entry.decided_at IS 'When it was entered';

COMMENT ON TABLE feedback.signature IS 'Signatures: who confirmed the figures of which file, on the web pages';
COMMENT ON COLUMN feedback.signature.return_name IS 'Which return';
COMMENT ON COLUMN feedback.signature.source IS 'Who sent it';
COMMENT ON COLUMN feedback.signature.quarter_key IS 'For which quarter';
COMMENT ON COLUMN feedback.signature.content_hash IS 'SHA-256 of the file';
COMMENT ON COLUMN feedback.signature.signed_as IS 'Job title of the person who signed';
COMMENT ON COLUMN feedback.signature.signed_by IS 'The mailbox with which the person had signed in';
COMMENT ON COLUMN feedback.signature.signed_at IS 'When it was signed';

COMMENT ON TABLE feedback.question_answer IS 'What senders answered to our questions about figures; the newest answer to a question counts';
COMMENT ON COLUMN feedback.question_answer.answer_id IS 'Number of the answer';
COMMENT ON COLUMN feedback.question_answer.finding_id IS 'The question';
COMMENT ON COLUMN feedback.question_answer.is_right IS 'Whether the figures are right; if not, a new file comes';
COMMENT ON COLUMN feedback.question_answer.reason IS 'Why, in the sender''s words';
COMMENT ON COLUMN feedback.question_answer.answered_by IS 'The mailbox with which the person had signed in';
COMMENT ON COLUMN feedback.question_answer.answered_at IS 'When it was answered';
