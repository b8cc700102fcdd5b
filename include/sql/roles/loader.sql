-- Who: sia_loader, the pipeline.
-- May: receive, stage, check, load and answer returns; close a return version when another replaces it.
-- May not: add to, change or delete a fact, a component total, a return version or a finding of a decided submission (history.sql, rows.sql), change what a
-- letter says, nor change the shape of the warehouse.
DO $$
DECLARE
    place text;
BEGIN
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO sia_loader', current_database());
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback') LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO sia_loader', place);
        IF place <> 'staging' THEN
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO sia_loader', place);
        END IF;
        EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO sia_loader', place);
    END LOOP;
    FOR place IN
        SELECT DISTINCT c.oid::regclass::text
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attname = 'return_version_id'
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN ('warehouse'::regnamespace, 'marts'::regnamespace)
    LOOP
        EXECUTE format('GRANT INSERT ON %s TO sia_loader', place); -- return versions, facts and component totals
    END LOOP;
    FOR place IN
        SELECT c.oid::regclass::text
        FROM pg_class AS c
        WHERE c.relnamespace = 'staging'::regnamespace AND c.relkind IN ('r', 'v') AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sia_loader', place); -- the templates; another login's own table stops no migration
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA release TO sia_loader;
GRANT SELECT ON TABLE release.candidate TO sia_loader; -- what a release rests on is left as it was
GRANT CREATE ON SCHEMA staging TO sia_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA intake TO sia_loader;
GRANT INSERT ON ALL TABLES IN SCHEMA intake, quality TO sia_loader;
REVOKE INSERT ON TABLE quality.rule FROM sia_loader; -- the rules are those of the contracts
GRANT UPDATE (status, decided_at, tries) ON TABLE intake.submission TO sia_loader;
GRANT UPDATE, DELETE ON TABLE intake.inbox_file TO sia_loader; -- what is in the inbox now
GRANT UPDATE (rows_read, rows_staged, rows_refused, rows_loaded, rows_outside) ON TABLE quality.row_reconciliation TO sia_loader;
GRANT UPDATE (known_during) ON TABLE warehouse.return_version TO sia_loader;
GRANT DELETE ON TABLE intake.staged_file, quality.finding TO sia_loader; -- of submissions that are not decided: see rows.sql
GRANT INSERT ON ALL TABLES IN SCHEMA feedback TO sia_loader;
REVOKE INSERT ON TABLE feedback.signature, feedback.extension, feedback.register_entry, feedback.question_answer FROM sia_loader; -- people sign and decide
GRANT UPDATE ON TABLE feedback.task, feedback.waiver_task TO sia_loader;
GRANT UPDATE (state, attempts, unsure, fault, due_at, sent_at) ON TABLE feedback.letter TO sia_loader;
GRANT DELETE ON feedback.expected_return TO sia_loader; -- it is rewritten from the contracts and extensions
GRANT INSERT ON intake.removed_file, quality.waived_finding TO sia_loader;
