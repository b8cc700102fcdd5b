-- Grain: triggers on return versions and component totals; those on facts are made with each fact (sia.warehouse.facts).
-- Keys: none.
-- Why: a role that may add to the warehouse adds only to a submission that is not decided, and ends a return version only where another takes its
-- place. Triggers, because no grant and no row rule can compare a row with what it was. The owner is above them.
CREATE OR REPLACE FUNCTION warehouse.forbid_late_insert() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM (SELECT DISTINCT a.return_version_id FROM added AS a) AS t
        INNER JOIN warehouse.return_version AS v ON t.return_version_id = v.return_version_id
        INNER JOIN intake.submission AS s ON v.submission_id = s.submission_id
        WHERE s.decided_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the submission is decided: nothing more can be added to %.%', tg_table_schema, tg_table_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.forbid_late_insert() IS 'Refuses facts, component totals and return versions of a submission that is decided';

CREATE OR REPLACE FUNCTION warehouse.forbid_history_rewrite() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF lower(new.known_during) <> lower(old.known_during) OR NOT old.known_during @> new.known_during OR NOT EXISTS (
        SELECT
        FROM warehouse.return_version AS v
        WHERE (v.return_name, v.source) = (new.return_name, new.source) AND v.period && new.period AND lower(v.known_during) = upper(new.known_during)
    ) THEN
        RAISE EXCEPTION 'a return version changes only when it ends, at the moment when another takes its place'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.forbid_history_rewrite() IS
'Refuses any change to a return version except its end, at the moment when another takes its place';

CREATE OR REPLACE TRIGGER forbid_late_insert AFTER INSERT ON warehouse.return_version REFERENCING NEW TABLE AS added FOR EACH STATEMENT
WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION warehouse.forbid_late_insert();
CREATE OR REPLACE TRIGGER forbid_late_insert AFTER INSERT ON marts.component_total REFERENCING NEW TABLE AS added FOR EACH STATEMENT
WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION warehouse.forbid_late_insert();
CREATE CONSTRAINT TRIGGER forbid_history_rewrite AFTER UPDATE ON warehouse.return_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION warehouse.forbid_history_rewrite();
