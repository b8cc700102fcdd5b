-- Who: desk, with which the desk reads the warehouse and writes down what people decide; checks, with which it checks files.
-- May: desk what sia_desk may. checks make copies of an empty warehouse, and be the pipeline and the desk in these.
-- May not: desk anything else. checks connect to the warehouse: what its groups may there is not its own (INHERIT FALSE).
DO $$
BEGIN
    EXECUTE 'GRANT sia_desk TO desk';
    EXECUTE 'GRANT sia_loader, sia_desk TO checks WITH INHERIT FALSE, SET TRUE';
    EXECUTE format('ALTER ROLE desk SET timezone = %L', 'Europe/London');
    EXECUTE format('ALTER ROLE checks SET timezone = %L', 'Europe/London');
    EXECUTE format('ALTER ROLE checks SET role = %L', 'sia_loader');
END
$$;
