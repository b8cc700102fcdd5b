-- Who: whoever may add to the warehouse, that is the loader and the publisher; the owner is above these rules.
-- May: add facts and tallies of a submission that is not decided; end a holding when another takes its place; fix the present moment.
-- May not: add to what was accepted, say anew from when until when something was known, or fix a moment that was or that will be.
-- Why triggers: what a row was before its change, and what it belongs to, no right and no row rule can ask without being asked of readers too.
CREATE OR REPLACE FUNCTION warehouse.refuse_late_facts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM (SELECT DISTINCT a.holding_id FROM added AS a) AS t
        INNER JOIN warehouse.holding AS h ON t.holding_id = h.holding_id
        INNER JOIN intake.submission AS s ON h.submission_id = s.submission_id
        WHERE s.decided_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'what was decided is history: nothing is added to it in %.%', tg_table_schema, tg_table_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.refuse_late_facts() IS 'Refuses facts, tallies and holdings of a submission that was decided';

CREATE OR REPLACE FUNCTION warehouse.refuse_another_past() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF lower(new.known) <> lower(old.known) OR NOT old.known @> new.known OR NOT EXISTS (
        SELECT
        FROM warehouse.holding AS h
        WHERE (h.return_name, h.source) = (new.return_name, new.source) AND h.period && new.period AND lower(h.known) = upper(new.known)
    ) THEN
        RAISE EXCEPTION 'a holding ends when another takes its place, and changes in nothing else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION warehouse.refuse_another_past() IS 'Refuses any change of a holding but its end at the moment at which another takes its place';

CREATE OR REPLACE FUNCTION release.refuse_another_moment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF new.known_at BETWEEN transaction_timestamp() AND clock_timestamp() THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a release shows what is known now: ask release.fix_moment()'
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
        INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attname = 'holding_id'
        WHERE
            c.relkind = 'r'
            AND c.relnamespace IN ('warehouse'::regnamespace, 'marts'::regnamespace)
            AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'added_in_time')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER added_in_time AFTER INSERT ON %s REFERENCING NEW TABLE AS added FOR EACH STATEMENT '
            'WHEN (NOT pg_has_role(''sia_owner'', ''MEMBER'')) EXECUTE FUNCTION warehouse.refuse_late_facts()',
            place
        );
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'warehouse.holding'::regclass AND tgname = 'ended_by_another') THEN
        CREATE CONSTRAINT TRIGGER ended_by_another AFTER UPDATE ON warehouse.holding DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION warehouse.refuse_another_past();
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'release.candidate'::regclass AND tgname = 'of_the_present') THEN
        CREATE TRIGGER of_the_present BEFORE INSERT ON release.candidate FOR EACH ROW
        WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION release.refuse_another_moment();
    END IF;
END
$$;
