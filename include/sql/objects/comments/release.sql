-- Grain: table of schema release, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA release IS 'What was published: written once, never changed';

COMMENT ON TABLE release.candidate IS 'A scorecard that may be released: a quarter, and the moment whose knowledge it shows';
COMMENT ON COLUMN release.candidate.candidate_id IS 'Number of the candidate';
COMMENT ON COLUMN release.candidate.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.candidate.sealed_seed IS
'The secret by which it chose among ways to hide small numbers, encrypted; NULL if it has none, so that it cannot be rebuilt';
COMMENT ON COLUMN release.candidate.known_at IS 'The moment whose knowledge it shows; nothing learned later changes what was known then';

COMMENT ON TABLE release.proposal IS 'What we asked the approvers to approve; a candidate that failed has none';
COMMENT ON COLUMN release.proposal.candidate_id IS 'The candidate';
COMMENT ON COLUMN release.proposal.data_hash IS 'SHA-256 over its files'' names and hashes';
COMMENT ON COLUMN release.proposal.code_version IS 'The code that wrote it: git commit, or version of the package';
COMMENT ON COLUMN release.proposal.difference IS 'What the approver read, in Markdown';
COMMENT ON COLUMN release.proposal.proposed_at IS 'When we asked them';

COMMENT ON TABLE release.decision IS 'What was decided on a candidate, and by whom';
COMMENT ON COLUMN release.decision.candidate_id IS 'The candidate';
COMMENT ON COLUMN release.decision.verdict IS 'approved, or sent_back';
COMMENT ON COLUMN release.decision.decided_by IS 'Login name of the approver';
COMMENT ON COLUMN release.decision.decided_at IS 'When';
COMMENT ON COLUMN release.decision.remark IS 'The approver''s comment; empty where none was given';

COMMENT ON TABLE release.release IS 'Published scorecards; only what was approved can be one, with the bytes and the moment that were approved';
COMMENT ON COLUMN release.release.release_id IS 'Number of the release, in the order of publication';
COMMENT ON COLUMN release.release.candidate_id IS 'The candidate that was approved';
COMMENT ON COLUMN release.release.verdict IS 'approved: ties the release to the decision';
COMMENT ON COLUMN release.release.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.release.number IS 'Its number among the releases of the quarter, from 1; later ones have restated figures';
COMMENT ON COLUMN release.release.known_at IS 'The moment whose knowledge it shows';
COMMENT ON COLUMN release.release.data_hash IS 'SHA-256 over its files'' names and hashes: what was approved';
COMMENT ON COLUMN release.release.code_version IS 'The code that published it: git commit, or version of the package';
COMMENT ON COLUMN release.release.suppressed IS 'How many figures are hidden';
COMMENT ON COLUMN release.release.manifest IS 'The manifest, as in the folder of the release';
COMMENT ON COLUMN release.release.released_at IS 'When it was published';

COMMENT ON TABLE release.file IS 'The files of a release';
COMMENT ON COLUMN release.file.release_id IS 'The release';
COMMENT ON COLUMN release.file.file_name IS 'Name of the file within the release';
COMMENT ON COLUMN release.file.sha256 IS 'SHA-256 of its bytes';
COMMENT ON COLUMN release.file.size_bytes IS 'How many bytes';

COMMENT ON TABLE release.figure IS 'Every figure of a release as it was published; a hidden figure has no amount here';
COMMENT ON COLUMN release.figure.release_id IS 'The release';
COMMENT ON COLUMN release.figure.measure_id IS 'Measure';
COMMENT ON COLUMN release.figure.area_code IS 'Area';
COMMENT ON COLUMN release.figure.figure IS 'Which figure of the measure in the area: a column of the released data';
COMMENT ON COLUMN release.figure.amount IS 'The figure; NULL where none was published, and the status says why';
COMMENT ON COLUMN release.figure.status IS 'Whether it is reported, and if not why';

COMMENT ON TABLE release.conclusion IS 'What a release concluded about a measure in an area';
COMMENT ON COLUMN release.conclusion.release_id IS 'The release';
COMMENT ON COLUMN release.conclusion.measure_id IS 'Measure';
COMMENT ON COLUMN release.conclusion.area_code IS 'Area';
COMMENT ON COLUMN release.conclusion.verdict IS 'Direction of travel, in a word; empty where there is no conclusion';
COMMENT ON COLUMN release.conclusion.exception IS 'Whether it was reported as an exception';

COMMENT ON TABLE release.disclosure_cell IS
'The counts of a release, hidden ones included: later releases are tested against them. For the publisher only';
COMMENT ON COLUMN release.disclosure_cell.release_id IS 'The release';
COMMENT ON COLUMN release.disclosure_cell.component IS 'What is counted';
COMMENT ON COLUMN release.disclosure_cell.area_code IS 'Area, or the rest of one';
COMMENT ON COLUMN release.disclosure_cell.first_month IS 'First month, counted from January of year 0';
COMMENT ON COLUMN release.disclosure_cell.after_month IS 'The month after the last, counted in the same way';
COMMENT ON COLUMN release.disclosure_cell.count IS 'How many';
COMMENT ON COLUMN release.disclosure_cell.hidden IS 'Whether it was hidden';
COMMENT ON COLUMN release.disclosure_cell.printed IS 'Whether the release has it as a figure or as the mark of a hidden one';

COMMENT ON TABLE release.commentary_request IS 'Exceptions on which a lead was asked to comment';
COMMENT ON COLUMN release.commentary_request.request_id IS 'Number of the request';
COMMENT ON COLUMN release.commentary_request.quarter_key IS 'The quarter';
COMMENT ON COLUMN release.commentary_request.measure_id IS 'Measure';
COMMENT ON COLUMN release.commentary_request.area_code IS 'Area: the county or a partnership';
COMMENT ON COLUMN release.commentary_request.direction IS 'Its direction of travel at the time of the request, in a word';
COMMENT ON COLUMN release.commentary_request.lead IS 'Who was asked';
COMMENT ON COLUMN release.commentary_request.due_on IS 'The last day for commentary';
COMMENT ON COLUMN release.commentary_request.explanation IS
'Why it was an exception at the time of the request, in sentences; NULL if a release may hide figures of the measure, and for older requests';
COMMENT ON COLUMN release.commentary_request.chart IS
'Its chart at the time of the request, as a part of a web page; NULL like the explanation';
COMMENT ON COLUMN release.commentary_request.requested_at IS 'When the request was made';

COMMENT ON TABLE release.commentary IS 'What leads wrote about exceptions; the newest of a request counts. It is published as it is';
COMMENT ON COLUMN release.commentary.commentary_id IS 'Number of the commentary';
COMMENT ON COLUMN release.commentary.request_id IS 'The request that it answers';
COMMENT ON COLUMN release.commentary.commentary_text IS 'The commentary; one that looks like personal data is refused';
COMMENT ON COLUMN release.commentary.given_by IS 'Login name in Airflow of who wrote it';
COMMENT ON COLUMN release.commentary.given_at IS 'When it was written';
COMMENT ON COLUMN release.commentary.recorded_at IS 'When we recorded it: releases that show an earlier moment do not have it';
