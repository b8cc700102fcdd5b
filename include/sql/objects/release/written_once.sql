-- Grain: a trigger on each table of schema release.
-- Keys: none.
-- Why: what was released is never changed or deleted. A trigger and no privilege, because it stops the owner of the tables too.
CREATE OR REPLACE FUNCTION release.forbid_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what was released is never changed or deleted: %.%', tg_table_schema, tg_table_name
        USING ERRCODE = 'restrict_violation';
END
$$;
COMMENT ON FUNCTION release.forbid_change() IS 'Refuses every change and deletion: the schema is written once';

CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.candidate
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.proposal
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.decision
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.release
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.file
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.figure
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.conclusion
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.disclosure_cell
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.commentary_request
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON release.commentary
FOR EACH STATEMENT EXECUTE FUNCTION release.forbid_change();
