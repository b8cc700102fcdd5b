-- Who: sia_owner, who owns every object of the warehouse and migrates it.
-- May: everything inside this database; read with the rights of a steward, publisher, analyst or the desk alone, where a page answers one of them.
-- Is a loader too, so that what a loader left in staging stops neither a migration nor a backup.
-- May not: anything outside it. It is not a superuser, so that what runs with the owner's rights cannot leave the database.
DO $$
DECLARE
    object record;
    name text;
BEGIN
    IF NOT pg_has_role(CURRENT_USER, 'sia_owner', 'USAGE') THEN
        EXECUTE format('GRANT sia_owner TO %I', CURRENT_USER);
    END IF;
    FOREACH name IN ARRAY ARRAY['sia_steward', 'sia_publisher', 'sia_analyst', 'sia_desk'] LOOP
        IF pg_has_role(CURRENT_USER, name, 'MEMBER WITH ADMIN OPTION') AND NOT pg_has_role(CURRENT_USER, name, 'SET') THEN
            EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', name, CURRENT_USER);
        END IF;
    END LOOP;
    IF pg_has_role(CURRENT_USER, 'sia_loader', 'MEMBER WITH ADMIN OPTION') AND NOT pg_has_role('sia_owner', 'sia_loader', 'USAGE') THEN
        GRANT sia_loader TO sia_owner;
    END IF;
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO sia_owner', current_database());
    GRANT USAGE, CREATE ON SCHEMA public TO sia_owner;
    FOR object IN
        SELECT format('SCHEMA %I', n.nspname) AS name
        FROM pg_namespace AS n
        WHERE n.nspname IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release', 'desk')
            AND n.nspowner = CURRENT_USER::regrole
        UNION ALL
        SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass)
        FROM pg_class AS c
        WHERE (c.relnamespace::regnamespace::text IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release', 'desk')
            OR c.oid IN ('public.migration'::regclass, 'public.applied_object'::regclass))
            AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner = CURRENT_USER::regrole
        UNION ALL
        SELECT format('ROUTINE %s', p.oid::regprocedure)
        FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release', 'desk')
            AND p.proowner = CURRENT_USER::regrole
    LOOP
        EXECUTE format('ALTER %s OWNER TO sia_owner', object.name);
    END LOOP;
END
$$;
