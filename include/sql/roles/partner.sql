-- Who: sia_partner, what the roles of all senders have in common; sia_partner_<sender> is a role for each.
-- May: read their own submissions, what was found in them and where, through functions of the owner, and the rules in words.
-- May not: see what another partner has sent or received, how much, or any figure; read a table with rows of several senders.
DO $$
DECLARE
    sender text;
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sia_partner', current_database());
    FOR sender IN SELECT 'sia_partner_' || s.source FROM warehouse.dim_source AS s LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = sender) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', sender);
            EXCEPTION
                WHEN duplicate_object THEN NULL; -- another database of this server was quicker
            END;
        END IF;
        IF NOT pg_has_role(sender, 'sia_partner', 'USAGE') THEN
            EXECUTE format('GRANT sia_partner TO %I', sender);
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA intake, quality, warehouse TO sia_partner;
GRANT EXECUTE ON FUNCTION intake.own_submissions(), intake.own_files(), quality.own_findings(), quality.own_row_reconciliation() TO sia_partner;
GRANT SELECT ON TABLE quality.rule TO sia_partner;
GRANT SELECT ON TABLE warehouse.dim_return, warehouse.dim_quarter TO sia_partner;
