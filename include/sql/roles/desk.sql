-- Who: sia_desk, the web pages of the unit and its partners.
-- May: read what was received, what was found in it and where, what is owed, letters, releases and requests for commentary; read what a sender's
-- own blank workbook has of its last return: sums of columns, and the columns that the contract carries over; keep sessions;
-- write down what people decide and tell us; put a letter into the outbox and send it; store commentary for the lead who signed in.
-- May not: read any other figure, a row of a return or a small number that a release hides; change or delete what was decided.
DO $$
DECLARE
    name text;
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sia_desk', current_database());
    FOR name IN
        SELECT c.oid::regclass::text
        FROM pg_class AS c
        WHERE c.relnamespace = 'warehouse'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND c.relname LIKE 'dim\_%'
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sia_desk', name);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA intake, quality, feedback, warehouse, release, desk TO sia_desk;
GRANT SELECT ON ALL TABLES IN SCHEMA intake, quality, feedback, desk TO sia_desk;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA feedback TO sia_desk;
GRANT SELECT ON TABLE
release.candidate, release.proposal, release.decision, release.release, release.file, release.ledger, release.commentary_request, release.commentary
TO sia_desk;
GRANT SELECT (submission_id, period, known_during) ON TABLE warehouse.return_version TO sia_desk; -- which releases use a return
REVOKE SELECT ON TABLE release.candidate FROM sia_desk;
GRANT SELECT (candidate_id, quarter_key, known_at) ON TABLE release.candidate TO sia_desk; -- not the seed that hides small numbers
GRANT INSERT ON TABLE desk.sign_in_link, desk.session, desk.action, desk.note, desk.message, desk.answer, desk.commentary_draft TO sia_desk;
GRANT UPDATE (used_at) ON TABLE desk.sign_in_link TO sia_desk;
GRANT UPDATE (used_at, ended_at) ON TABLE desk.session TO sia_desk;
GRANT UPDATE (draft_text, written_by, written_at), DELETE ON TABLE desk.commentary_draft TO sia_desk;
GRANT INSERT ON TABLE feedback.extension, feedback.register_entry, feedback.signature, feedback.question_answer, feedback.letter TO sia_desk;
GRANT UPDATE (state, attempts, unsure, fault, due_at, sent_at) ON TABLE feedback.letter TO sia_desk;
GRANT INSERT ON TABLE release.commentary TO sia_desk;
