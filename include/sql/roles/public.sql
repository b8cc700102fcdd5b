-- Who: sia_public, anybody.
-- May: read what was released: the releases, their files and figures, and what was concluded.
-- May not: read anything else, neither a figure that is hidden nor who approved a release; write anything.
DO $$
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sia_public', current_database());
END
$$;
GRANT USAGE ON SCHEMA release TO sia_public;
GRANT SELECT ON TABLE release.release, release.file, release.figure, release.conclusion TO sia_public;
