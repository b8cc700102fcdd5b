-- Who: the group roles. Nobody logs in as one; the people and programs that do are members of one (sia.operations.users).
-- Why here: roles belong to the server and not to the database, so that each is made only where it is missing.
-- What a role could do before is taken back first, so that after this folder has run it may do what these files say and no more.
DO $$
DECLARE
    name text;
    place text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sia_owner', 'sia_loader', 'sia_analyst', 'sia_steward', 'sia_publisher', 'sia_public', 'sia_partner'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object THEN NULL; -- another database of this server was quicker
            END;
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    FOR name IN SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner' AND NOT rolcanlogin LOOP
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), name);
    END LOOP;
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname IN ('staging', 'intake', 'quality', 'warehouse', 'marts', 'feedback', 'release') LOOP
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', place);
        FOR name IN SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_' AND rolname <> 'sia_owner' AND NOT rolcanlogin LOOP
            EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', place, name);
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', place, name);
            EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM %I', place, name);
            EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM %I', place, name);
        END LOOP;
    END LOOP;
END
$$;
