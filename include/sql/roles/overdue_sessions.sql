-- Grain: one row a session of a log-in whose transaction is older than %(seconds)s seconds; it is ended.
-- Keys: pid.
-- Why: a log-in may change its own limits of time (logins.sql), because PostgreSQL lets everybody. An old transaction keeps
-- what was deleted on the disk, and may hold up a migration.
SELECT
    a.pid,
    pg_terminate_backend(a.pid) AS is_ended
FROM pg_stat_activity AS a
INNER JOIN pg_roles AS l ON a.usesysid = l.oid
WHERE
    a.datname = current_database()
    AND a.xact_start < clock_timestamp() - make_interval(secs => %(seconds)s)
    AND NOT pg_has_role(l.oid, 'sia_owner', 'MEMBER')
    AND EXISTS (
        SELECT
        FROM pg_auth_members AS m
        WHERE m.member = l.oid AND pg_get_userbyid(m.roleid) ~ '^sia_(analyst|steward|publisher|public|partner)'
    )
