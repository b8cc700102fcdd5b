-- Grain: table of schema desk, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA desk IS 'What people did on the web pages: who signed in, what they decided, what partners told us';

COMMENT ON TABLE desk.sign_in_link IS 'Links to sign in, each sent to a mailbox and good once';
COMMENT ON COLUMN desk.sign_in_link.link_hash IS 'SHA-256 of the secret in the link';
COMMENT ON COLUMN desk.sign_in_link.browser_hash IS
'SHA-256 of the secret of the browser that asked; NULL if the link was printed on the server, for any browser';
COMMENT ON COLUMN desk.sign_in_link.mailbox IS 'Who signs in with it';
COMMENT ON COLUMN desk.sign_in_link.sent_at IS 'When it was sent';
COMMENT ON COLUMN desk.sign_in_link.expires_at IS 'Until when it is good';
COMMENT ON COLUMN desk.sign_in_link.used_at IS 'When somebody signed in with it; NULL if nobody has';

COMMENT ON TABLE desk.session IS 'Sessions of people who signed in';
COMMENT ON COLUMN desk.session.session_hash IS 'SHA-256 of the secret in the browser''s cookie';
COMMENT ON COLUMN desk.session.mailbox IS 'Who signed in';
COMMENT ON COLUMN desk.session.began_at IS 'When';
COMMENT ON COLUMN desk.session.used_at IS 'When the person last opened a page';
COMMENT ON COLUMN desk.session.ended_at IS 'When the person signed out; NULL if they have not';

COMMENT ON TABLE desk.action IS 'What people did on the pages, and what was refused: rows are only added';
COMMENT ON COLUMN desk.action.action_id IS 'Number of the action';
COMMENT ON COLUMN desk.action.done_at IS 'When';
COMMENT ON COLUMN desk.action.done_by IS 'The mailbox of the person; NULL if nobody had signed in';
COMMENT ON COLUMN desk.action.action IS 'What was done, in a word';
COMMENT ON COLUMN desk.action.about IS 'What it was about: a receipt, a return and quarter, a page; never a value of a return';
COMMENT ON COLUMN desk.action.before IS 'What it was before; NULL where there was nothing';
COMMENT ON COLUMN desk.action.after IS 'What it is now; NULL where there is nothing more to say';

COMMENT ON TABLE desk.note IS 'Notes of the unit about a sender, for example a telephone call';
COMMENT ON COLUMN desk.note.note_id IS 'Number of the note';
COMMENT ON COLUMN desk.note.source IS 'The sender';
COMMENT ON COLUMN desk.note.note_text IS 'The note';
COMMENT ON COLUMN desk.note.written_by IS 'The mailbox of the person who wrote it';
COMMENT ON COLUMN desk.note.written_at IS 'When';

COMMENT ON TABLE desk.message IS 'What partners tell us about a return';
COMMENT ON COLUMN desk.message.message_id IS 'Number of the message';
COMMENT ON COLUMN desk.message.return_name IS 'Which return';
COMMENT ON COLUMN desk.message.source IS 'The sender of the return';
COMMENT ON COLUMN desk.message.quarter_key IS 'For which quarter';
COMMENT ON COLUMN desk.message.subject IS 'need_longer, nothing_to_report, withheld or question';
COMMENT ON COLUMN desk.message.message_text IS 'The message';
COMMENT ON COLUMN desk.message.sent_by IS 'The mailbox of the person who wrote it';
COMMENT ON COLUMN desk.message.sent_at IS 'When';

COMMENT ON TABLE desk.answer IS 'Our answers to messages of partners';
COMMENT ON COLUMN desk.answer.message_id IS 'The message';
COMMENT ON COLUMN desk.answer.answer_text IS 'The answer';
COMMENT ON COLUMN desk.answer.answered_by IS 'The mailbox of the person who wrote it';
COMMENT ON COLUMN desk.answer.answered_at IS 'When';

COMMENT ON TABLE desk.commentary_draft IS 'What leads have begun to write about exceptions and not sent yet';
COMMENT ON COLUMN desk.commentary_draft.request_id IS 'The request for commentary';
COMMENT ON COLUMN desk.commentary_draft.draft_text IS 'The text so far';
COMMENT ON COLUMN desk.commentary_draft.written_by IS 'The mailbox of the person who wrote it';
COMMENT ON COLUMN desk.commentary_draft.written_at IS 'When';
