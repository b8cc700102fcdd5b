-- Who: sia_publisher, who makes the scorecard.
-- May: read the marts, the dimensions, the residents, and the outcome of each return and its reasons, waivers; trace a figure to its rows; prepare a release
-- and ask leads for commentary.
-- May not: approve or publish what they prepared, or speak for a lead: the services write that for the person who signed in. Read the rows of a
-- return, or in which file or cell a finding is; write anything else.
DO $$
DECLARE
    name text;
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sia_publisher', current_database());
    FOR name IN
        SELECT c.oid::regclass::text
        FROM pg_class AS c
        WHERE c.relnamespace = 'warehouse'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND c.relname LIKE 'dim\_%'
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sia_publisher', name);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA marts, warehouse, intake, quality, feedback, release TO sia_publisher;
GRANT SELECT ON ALL TABLES IN SCHEMA marts TO sia_publisher;
GRANT SELECT ON TABLE warehouse.area_member, warehouse.population, warehouse.return_version TO sia_publisher;
GRANT SELECT (
    submission_id, receipt, return_name, source, quarter_key, received_at, recorded_at, synthetic, nil_return, status, decided_at
) ON TABLE intake.submission TO sia_publisher;
GRANT SELECT (finding_id, submission_id, rule_id, message) ON TABLE quality.finding TO sia_publisher;
GRANT SELECT ON TABLE quality.rule, quality.waived_finding, feedback.register_entry TO sia_publisher;
GRANT SELECT ON ALL TABLES IN SCHEMA release TO sia_publisher;
GRANT INSERT ON TABLE release.candidate, release.proposal, release.commentary_request TO sia_publisher;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA marts, release TO sia_publisher;
