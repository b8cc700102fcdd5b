-- Who: everybody who may connect to this database, whatever the program. It changes the catalogue of the database, so it runs only where
-- SIA_HARDEN_SERVER says so, and only for a superuser, who alone can take back what PostgreSQL lets everybody do.
-- May not: write functions; hold the locks by which loads wait for each other; store large objects; and, from outside the unit, learn how many
-- rows a table has that they may not read, because so few may be a hidden figure.
DO $$
DECLARE
    inside CONSTANT text := 'sia_owner, sia_loader, sia_analyst, sia_steward, sia_publisher';
    columns text;
    routine record;
BEGIN
    REVOKE USAGE ON LANGUAGE sql, plpgsql FROM PUBLIC;
    GRANT USAGE ON LANGUAGE sql, plpgsql TO sia_owner;
    FOR routine IN
        SELECT
            p.oid::regprocedure AS name,
            CASE WHEN p.proname ~ 'advisory' THEN 'sia_owner, sia_loader, sia_publisher' WHEN p.proname ~ '^lo_' THEN 'sia_owner' ELSE inside END AS users
        FROM pg_proc AS p
        WHERE
            p.pronamespace = 'pg_catalog'::regnamespace
            AND (
                p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
                OR p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
                OR (p.proname ~ '^pg_stat_get_' AND p.proargtypes[0] = 'oid'::regtype)
            )
            AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', routine.name, routine.users);
    END LOOP;
    IF has_table_privilege('public', 'pg_catalog.pg_class', 'SELECT') THEN
        columns := (
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = 'pg_catalog.pg_class'::regclass AND a.attname NOT IN ('reltuples', 'relpages', 'relallvisible', 'relallfrozen')
        );
        REVOKE SELECT ON TABLE pg_catalog.pg_class FROM PUBLIC;
        EXECUTE format('GRANT SELECT (%s) ON TABLE pg_catalog.pg_class TO PUBLIC', columns);
        EXECUTE format('GRANT SELECT ON TABLE pg_catalog.pg_class TO %s', inside);
    END IF;
END
$$;
