-- Grain: one row, a hash of every right in this database and of each of our roles.
-- Keys: none.
-- Why: rights are given again where a file or a right has changed since, and nothing is locked where neither has.
WITH ours AS (
    SELECT n.oid
    FROM pg_namespace AS n
    WHERE n.nspname IN ('intake', 'quality', 'warehouse', 'marts', 'feedback', 'release', 'desk')
),

member AS (
    SELECT r.oid
    FROM pg_roles AS r
    WHERE r.rolname LIKE 'sia\_%'
    UNION
    SELECT m.member AS oid
    FROM pg_auth_members AS m
    INNER JOIN pg_roles AS r ON m.roleid = r.oid
    WHERE r.rolname LIKE 'sia\_%'
),

stated AS (
    SELECT concat_ws(' ', 'schema', n.nspname, n.nspowner::regrole, n.nspacl) AS line
    FROM pg_namespace AS n
    WHERE n.oid IN (SELECT o.oid FROM ours AS o) OR n.nspname IN ('public', 'staging')
    UNION ALL
    SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relowner::regrole, c.relacl, c.relrowsecurity, c.reloptions) AS line
    FROM pg_class AS c
    WHERE (c.relnamespace IN (SELECT o.oid FROM ours AS o) OR c.relnamespace = 'public'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, a.attacl) AS line
    FROM pg_attribute AS a
    INNER JOIN pg_class AS c ON a.attrelid = c.oid
    WHERE a.attacl IS NOT NULL AND c.relnamespace IN (SELECT o.oid FROM ours AS o)
    UNION ALL
    SELECT concat_ws(' ', 'routine', p.oid::regprocedure, p.proowner::regrole, p.proacl) AS line
    FROM pg_proc AS p
    WHERE p.pronamespace IN (SELECT o.oid FROM ours AS o) OR p.pronamespace = 'staging'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', 'database', d.datname, d.datdba::regrole, d.datacl) AS line
    FROM pg_database AS d
    WHERE d.datname = current_database()
    UNION ALL
    SELECT
        concat_ws(
            ' ', 'policy', p.polrelid::regclass, p.polname, p.polcmd, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
            pg_get_expr(p.polwithcheck, p.polrelid)
        ) AS line
    FROM pg_policy AS p
    UNION ALL
    SELECT concat_ws(' ', 'default', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype, d.defaclacl) AS line
    FROM pg_default_acl AS d
    UNION ALL
    SELECT concat_ws(' ', 'member', m.roleid::regrole, m.member::regrole, m.grantor::regrole, m.admin_option, m.inherit_option, m.set_option) AS line
    FROM pg_auth_members AS m
    WHERE m.member IN (SELECT r.oid FROM member AS r) OR m.roleid IN (SELECT r.oid FROM member AS r)
    UNION ALL
    SELECT
        concat_ws(
            ' ', 'role', r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
            r.rolconnlimit, r.rolconfig
        ) AS line
    FROM pg_roles AS r
    WHERE r.oid IN (SELECT o.oid FROM member AS o)
    UNION ALL
    SELECT concat_ws(' ', 'catalogue', c.relname, c.relacl) AS line
    FROM pg_class AS c
    WHERE c.oid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    SELECT concat_ws(' ', 'language', l.lanname, l.lanacl) AS line
    FROM pg_language AS l
    UNION ALL
    SELECT concat_ws(' ', 'source', s.source) AS line
    FROM warehouse.dim_source AS s
)

SELECT encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') AS content_hash
FROM stated
