-- Who: sia_owner, who owns every object of the warehouse and migrates it.
-- May: everything inside this database.
-- May not: anything outside it. It is no superuser, so that what runs with the owner's rights cannot leave the database.
DO $$
DECLARE
    object record;
BEGIN
    IF NOT pg_has_role(CURRENT_USER, 'sia_owner', 'USAGE') THEN
        EXECUTE format('GRANT sia_owner TO %I', CURRENT_USER);
    END IF;
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO sia_owner', current_database());
    GRANT USAGE, CREATE ON SCHEMA public TO sia_owner;
    FOR object IN
        SELECT format('SCHEMA %I', n.nspname) AS name
        FROM pg_namespace AS n
        WHERE n.nspname IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release')
            AND n.nspowner = CURRENT_USER::regrole
        UNION ALL
        SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass)
        FROM pg_class AS c
        WHERE (c.relnamespace::regnamespace::text IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release')
            OR c.oid = 'public.migration'::regclass)
            AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner = CURRENT_USER::regrole
        UNION ALL
        SELECT format('ROUTINE %s', p.oid::regprocedure)
        FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release')
            AND p.proowner = CURRENT_USER::regrole
    LOOP
        EXECUTE format('ALTER %s OWNER TO sia_owner', object.name);
    END LOOP;
END
$$;
