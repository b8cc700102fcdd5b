-- Who: every login but the owners' and the loaders', whose work takes as long as it takes.
-- Limits: ten connections; fifteen minutes for a statement, and for a transaction in which nothing is done. A setting that somebody gave
-- a login is left. The times are for mistakes: the user may set others. The number of connections is a wall.
DO $$
DECLARE
    login record;
    setting text;
BEGIN
    FOR login IN
        SELECT
            l.rolname AS name,
            l.rolconnlimit AS connections,
            coalesce(s.setconfig, '{}') AS settings
        FROM pg_roles AS l
        LEFT JOIN pg_db_role_setting AS s ON l.oid = s.setrole AND s.setdatabase = 0
        WHERE
            l.rolcanlogin
            AND NOT pg_has_role(l.oid, 'sia_owner', 'MEMBER')
            AND EXISTS (
                SELECT FROM pg_auth_members AS m WHERE m.member = l.oid AND pg_get_userbyid(m.roleid) ~ '^sia_(analyst|steward|publisher|desk|public|partner)'
            )
            AND (
                pg_has_role(CURRENT_USER, l.oid, 'MEMBER WITH ADMIN OPTION')
                OR EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = CURRENT_USER AND r.rolsuper)
            )
    LOOP
        IF login.connections = -1 THEN
            EXECUTE format('ALTER ROLE %I CONNECTION LIMIT 10', login.name);
        END IF;
        FOREACH setting IN ARRAY ARRAY['statement_timeout', 'idle_in_transaction_session_timeout'] LOOP
            IF NOT EXISTS (SELECT FROM unnest(login.settings) AS s WHERE s LIKE setting || '=%') THEN
                EXECUTE format('ALTER ROLE %I SET %I = %L', login.name, setting, '15min');
            END IF;
        END LOOP;
    END LOOP;
END
$$;
