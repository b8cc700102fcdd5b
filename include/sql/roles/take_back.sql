-- Who: everybody, the groups and their logins.
-- What: no right that anybody gave remains, so that after this folder has run each may do what its files say and no more. What this
-- login may not take back is named in a warning.
DO $$
DECLARE
    groups text[] := ARRAY['sia_owner', 'sia_loader', 'sia_analyst', 'sia_steward', 'sia_publisher', 'sia_desk', 'sia_public', 'sia_partner'];
    logins text[];
    outsiders text;
    place text;
    revocation text;
BEGIN
    groups := groups || ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'sia\_partner\_%');
    logins := ARRAY(
        SELECT DISTINCT l.rolname::text
        FROM pg_roles AS l
        INNER JOIN pg_auth_members AS m ON l.oid = m.member
        WHERE
            pg_get_userbyid(m.roleid) = ANY(groups)
            AND l.rolname <> ALL(groups)
            AND l.rolname <> CURRENT_USER
            AND NOT pg_has_role(l.oid, 'sia_owner', 'MEMBER')
    );
    outsiders := (SELECT string_agg(quote_ident(who.name), ', ') FROM unnest(groups || logins) AS who (name) WHERE who.name <> 'sia_owner');

    FOR revocation IN
        SELECT format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', rolname)
        FROM pg_roles
        WHERE rolname = ANY(groups) AND (rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
        UNION ALL
        SELECT format('ALTER ROLE %I NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', rolname)
        FROM pg_roles
        -- The desk's log-in for checks makes copies of an empty warehouse (desk_log_ins.sql).
        WHERE rolname = ANY(logins) AND ((rolcreatedb AND rolname <> 'checks') OR rolcreaterole OR rolreplication OR rolbypassrls)
        UNION ALL
        -- A sender's group is in that of all partners, the owner in the loaders', and a login in groups alone; nobody passes a group on.
        SELECT
            format(
                'REVOKE %s%I FROM %I GRANTED BY %I CASCADE',
                CASE WHEN is_ours THEN 'ADMIN OPTION FOR ' END,
                pg_get_userbyid(m.roleid),
                pg_get_userbyid(m.member),
                pg_get_userbyid(m.grantor)
            )
        FROM pg_auth_members AS m
        CROSS JOIN
            LATERAL (
                SELECT
                    CASE
                        WHEN pg_get_userbyid(m.member) = ANY(logins) THEN pg_get_userbyid(m.roleid) = ANY(groups)
                        WHEN pg_get_userbyid(m.member) = 'sia_owner' THEN pg_get_userbyid(m.roleid) = 'sia_loader'
                        ELSE pg_get_userbyid(m.member) LIKE 'sia\_partner\_%' AND pg_get_userbyid(m.roleid) = 'sia_partner'
                    END AS is_ours
            ) AS t
        WHERE pg_get_userbyid(m.member) = ANY(groups || logins) AND (m.admin_option OR NOT is_ours)
        UNION ALL
        SELECT
            format(
                'ALTER DEFAULT PRIVILEGES FOR ROLE %I %s REVOKE ALL ON %s FROM PUBLIC, %s',
                pg_get_userbyid(d.defaclrole),
                CASE WHEN d.defaclnamespace <> 0 THEN format('IN SCHEMA %s', d.defaclnamespace::regnamespace) END,
                CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' ELSE 'SCHEMAS' END,
                outsiders
            )
        FROM pg_default_acl AS d
        WHERE d.defaclobjtype IN ('r', 'S', 'f', 'n')
    LOOP
        BEGIN
            EXECUTE revocation;
        EXCEPTION
            WHEN insufficient_privilege THEN RAISE WARNING 'left, because this login may not: %', revocation;
        END;
    END LOOP;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %s CASCADE', current_database(), outsiders);
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %s CASCADE', outsiders);
    EXECUTE format('REVOKE ALL ON TABLE public.migration, public.applied_object FROM PUBLIC, %s CASCADE', outsiders);
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release', 'desk') LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, %s CASCADE', place, outsiders);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC, %s CASCADE', place, outsiders);
        IF place <> 'staging' THEN -- tables there are the loaders' own, who may be at work, and nobody else gets to them
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, %s CASCADE', place, outsiders);
            EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, %s CASCADE', place, outsiders);
        END IF;
    END LOOP;
END
$$;
