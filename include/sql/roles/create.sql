-- Who: the group roles. Nobody logs in as one; the people and programs that log in are members of one (sia.warehouse.logins).
-- Why here: roles belong to the server and not to the database, so each is created only where it is missing.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sia_owner', 'sia_loader', 'sia_analyst', 'sia_steward', 'sia_publisher', 'sia_desk', 'sia_public', 'sia_partner'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object THEN NULL; -- another database of this server was quicker
            END;
        END IF;
    END LOOP;
END
$$;
