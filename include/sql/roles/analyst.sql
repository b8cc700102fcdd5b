-- Who: sia_analyst, who asks questions of the warehouse.
-- May: read the marts, the dimensions, when what was known, and the facts that their contract calls counts (sia.warehouse.facts); make
-- temporary tables.
-- May not: read a row about a case, a job, a camera or a crime, nor a submission, a finding or a file name; write anything.
-- Small numbers are not hidden from an analyst. They are marked (small_number) and must not leave the partnership.
DO $$
DECLARE
    name text;
BEGIN
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO sia_analyst', current_database());
    FOR name IN
        SELECT c.oid::regclass::text
        FROM pg_class AS c
        WHERE c.relnamespace = 'warehouse'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND c.relname LIKE 'dim\_%'
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sia_analyst', name);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA marts, warehouse TO sia_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA marts TO sia_analyst;
GRANT SELECT ON TABLE warehouse.area_member, warehouse.population, warehouse.return_version TO sia_analyst;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA marts TO sia_analyst;
REVOKE EXECUTE ON FUNCTION marts.trace(text, text, text, timestamptz), marts.trace_rules(text, text, text, timestamptz) FROM sia_analyst;
