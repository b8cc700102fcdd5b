-- Grain: table of schema intake, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA intake IS 'What was received from whom, and when';

COMMENT ON TABLE intake.submission IS 'Every file received for a return, accepted or not, never deleted';
COMMENT ON COLUMN intake.submission.submission_id IS 'Number of the submission';
COMMENT ON COLUMN intake.submission.receipt IS 'Receipt number that the sender gets';
COMMENT ON COLUMN intake.submission.return_name IS 'Which return';
COMMENT ON COLUMN intake.submission.source IS 'Who sent it';
COMMENT ON COLUMN intake.submission.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN intake.submission.file_name IS
'Name of a published monthly file as it was sent; else the return''s name and the ending, because a sender''s own file name may name a person';
COMMENT ON COLUMN intake.submission.landed_as IS
'Where the file is kept, relative to the landing folder; NULL where it was refused unread and not kept';
COMMENT ON COLUMN intake.submission.content_hash IS 'SHA-256 of the file; of its first bytes if it is larger than we take';
COMMENT ON COLUMN intake.submission.size_bytes IS 'Size of the file in bytes';
COMMENT ON COLUMN intake.submission.received_at IS 'When we received it: from then on we knew it';
COMMENT ON COLUMN intake.submission.recorded_at IS 'When this row was written; later than received_at where old returns are loaded afterwards';
COMMENT ON COLUMN intake.submission.synthetic IS 'Whether it is a made-up sample';
COMMENT ON COLUMN intake.submission.status IS 'received, staged, validated, accepted or refused';
COMMENT ON COLUMN intake.submission.decided_at IS 'When it was accepted or refused; NULL until then';
COMMENT ON COLUMN intake.submission.tries IS 'How often we began to read it and have not finished; at the third try it is refused unread';
COMMENT ON COLUMN intake.submission.nil_return IS 'Whether the sender says that there was nothing to report';

COMMENT ON TABLE intake.staged_file IS 'Which rows of a staged table came from which sheet or file, and in which column each column of the contract was';
COMMENT ON COLUMN intake.staged_file.submission_id IS 'The submission';
COMMENT ON COLUMN intake.staged_file.table_name IS 'The contract''s name of the table';
COMMENT ON COLUMN intake.staged_file.file_number IS 'Number of the sheet or file within the table, from 1';
COMMENT ON COLUMN intake.staged_file.sheet IS 'Name of the sheet, or of the file inside the archive';
COMMENT ON COLUMN intake.staged_file.file_month IS 'Month in the name of the file, written 2022-01; NULL for a sheet';
COMMENT ON COLUMN intake.staged_file.first_row IS 'Lowest row_number staged from it';
COMMENT ON COLUMN intake.staged_file.last_row IS 'Highest row_number staged from it; first_row - 1 where it has no rows';
COMMENT ON COLUMN intake.staged_file.line_offset IS 'What to add to row_number to get the row or line in the sheet or file';
COMMENT ON COLUMN intake.staged_file.columns IS 'Contract column name to the column''s letter in the sheet, or to its number in the file';

COMMENT ON TABLE intake.removed_file IS 'Submissions whose file and marked workbook were removed at the end of their retention';
COMMENT ON COLUMN intake.removed_file.submission_id IS 'The submission';
COMMENT ON COLUMN intake.removed_file.removed_at IS 'When';

COMMENT ON TABLE intake.inbox_file IS 'Files in the inbox as we last saw them; the row of a file that has left the inbox is deleted';
COMMENT ON COLUMN intake.inbox_file.path_hash IS 'SHA-256 of its path within the inbox';
COMMENT ON COLUMN intake.inbox_file.place IS 'Its folders as far as they are a return and a quarter: return/quarter, return, or empty';
COMMENT ON COLUMN intake.inbox_file.size_bytes IS 'Its size in bytes';
COMMENT ON COLUMN intake.inbox_file.modified_at IS 'When it was last changed, as its storage says';
COMMENT ON COLUMN intake.inbox_file.problem IS
'Why it was not received: no_return or no_quarter in its path, unknown_folder, no_sender by folder or cover, link, too_deep; NULL where it was received';
COMMENT ON COLUMN intake.inbox_file.noted_at IS 'When we first saw it as it is';
