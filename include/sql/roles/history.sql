-- Who: whoever may add to the warehouse, that is the loader and the publisher; the owner is above these rules.
-- May: add facts and tallies of a submission that is not decided; end a holding when another takes its place; fix the present moment.
-- May not: add to what was accepted, say anew from when until when something was known, or fix a moment that was or that will be.
-- Why triggers: what a row was before its change, and what it belongs to, no right and no row rule can ask without being asked of readers too.
CREATE OR REPLACE FUNCTION warehouse.forbid_late_insert() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM (SELECT DISTINCT a.return_version_id FROM added AS a) AS t
        INNER JOIN warehouse.return_version AS h ON t.return_version_id = h.return_version_id
        INNER JOIN intake.submission AS s ON h.submission_id = s.submission_id
        WHERE s.decided_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'what was decided is history: nothing is added to it in %.%', tg_table_schema, tg_table_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.forbid_late_insert() IS 'Refuses facts, tallies and holdings of a submission that was decided';

CREATE OR REPLACE FUNCTION warehouse.forbid_history_rewrite() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF lower(new.known_during) <> lower(old.known_during) OR NOT old.known_during @> new.known_during OR NOT EXISTS (
        SELECT
        FROM warehouse.return_version AS h
        WHERE (h.return_name, h.source) = (new.return_name, new.source) AND h.period && new.period AND lower(h.known_during) = upper(new.known_during)
    ) THEN
        RAISE EXCEPTION 'a holding ends when another takes its place, and changes in nothing else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.forbid_history_rewrite() IS 'Refuses any change of a holding but its end at the moment at which another takes its place';

CREATE OR REPLACE FUNCTION release.refuse_another_moment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF new.known_at BETWEEN transaction_timestamp() AND clock_timestamp() THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a release shows what is known now: ask release.freeze_snapshot_time()'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION release.refuse_another_moment() IS 'Refuses a candidate that shows another moment than the present';

DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid::regclass
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attname = 'return_version_id'
        WHERE
            c.relkind = 'r'
            AND c.relnamespace IN ('warehouse'::regnamespace, 'marts'::regnamespace)
            AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'added_in_time')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER added_in_time AFTER INSERT ON %s REFERENCING NEW TABLE AS added FOR EACH STATEMENT '
            'WHEN (NOT pg_has_role(''sia_owner'', ''MEMBER'')) EXECUTE FUNCTION warehouse.forbid_late_insert()',
            place
        );
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'warehouse.return_version'::regclass AND tgname = 'ended_by_another') THEN
        CREATE CONSTRAINT TRIGGER ended_by_another AFTER UPDATE ON warehouse.return_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION warehouse.forbid_history_rewrite();
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'release.candidate'::regclass AND tgname = 'of_the_present') THEN
        CREATE TRIGGER of_the_present BEFORE INSERT ON release.candidate FOR EACH ROW
        WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION release.refuse_another_moment();
    END IF;
END
$$;
