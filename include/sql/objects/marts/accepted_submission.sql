-- Grain: accepted submission.
-- Keys: submission_id.
-- Why: figures rest on these; who may not see files and refusals may see which returns came and when.
CREATE VIEW marts.accepted_submission AS
SELECT
    s.submission_id,
    s.receipt,
    s.return_name,
    s.source,
    s.quarter_key,
    s.received_at,
    s.decided_at AS loaded_at,
    s.synthetic
FROM intake.submission AS s
WHERE s.status = 'accepted';
COMMENT ON VIEW marts.accepted_submission IS 'The submissions on which figures rest, without their files';
COMMENT ON COLUMN marts.accepted_submission.submission_id IS 'Number of the submission';
COMMENT ON COLUMN marts.accepted_submission.receipt IS 'Receipt number that the sender has';
COMMENT ON COLUMN marts.accepted_submission.return_name IS 'Which return';
COMMENT ON COLUMN marts.accepted_submission.source IS 'Who sent it';
COMMENT ON COLUMN marts.accepted_submission.quarter_key IS 'The quarter for which it was sent';
COMMENT ON COLUMN marts.accepted_submission.received_at IS 'When we received it: from then on we knew it';
COMMENT ON COLUMN marts.accepted_submission.loaded_at IS
'When its figures came into this database; later than received_at where old returns are loaded afterwards';
COMMENT ON COLUMN marts.accepted_submission.synthetic IS 'Whether it is a made-up sample';
