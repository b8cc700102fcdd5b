-- Who: sia_steward, who looks after the returns: what was received, what failed, what is still owed.
-- May: read submissions, findings, rules, tasks and letters, and the marts; trace a figure to its rows.
-- May not: read the rows themselves, nor write anything.
DO $$
DECLARE
    place text;
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sia_steward', current_database());
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname IN ('intake', 'quality', 'feedback', 'marts') LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO sia_steward', place);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO sia_steward', place);
        EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO sia_steward', place);
    END LOOP;
    FOR place IN
        SELECT c.oid::regclass::text
        FROM pg_class AS c
        WHERE c.relnamespace = 'warehouse'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND c.relname LIKE 'dim\_%'
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sia_steward', place);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA warehouse TO sia_steward;
GRANT SELECT ON TABLE warehouse.area_member, warehouse.return_version TO sia_steward;
