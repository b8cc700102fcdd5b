-- Who: everybody who may read or write submissions and what hangs on them; the owner is above these rules.
-- Rows: the loader, the steward and the publisher see all. A partner sees its own submissions, and of findings, accounts and files those of the
-- submissions that it sees. The loader changes and clears only what is not decided: what was decided is history.
DO $$
DECLARE
    name text;
    rule record;
    sender text;
BEGIN
    FOREACH name IN ARRAY ARRAY['intake.submission', 'intake.staged_file', 'quality.finding', 'quality.row_account'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        FOR rule IN SELECT polname FROM pg_policy WHERE polrelid = name::regclass LOOP
            EXECUTE format('DROP POLICY %I ON %s', rule.polname, name);
        END LOOP;
        EXECUTE format('CREATE POLICY seen_by_unit ON %s FOR SELECT TO sia_loader, sia_steward, sia_publisher USING (TRUE)', name);
        EXECUTE format('CREATE POLICY added_by_loader ON %s FOR INSERT TO sia_loader WITH CHECK (TRUE)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['intake.staged_file', 'quality.finding', 'quality.row_account'] LOOP
        EXECUTE format(
            'CREATE POLICY seen_with_submission ON %s FOR SELECT TO sia_partner '
            'USING (submission_id IN (SELECT s.submission_id FROM intake.submission AS s))',
            name
        );
        EXECUTE format(
            'CREATE POLICY cleared_while_undecided ON %s FOR DELETE TO sia_loader '
            'USING (submission_id IN (SELECT s.submission_id FROM intake.submission AS s WHERE s.decided_at IS NULL))',
            name
        );
    END LOOP;
    FOR sender IN SELECT s.source FROM warehouse.dim_source AS s LOOP
        EXECUTE format(
            'CREATE POLICY %I ON intake.submission FOR SELECT TO %I USING (source = %L)', 'own_' || sender, 'sia_partner_' || sender, sender
        );
    END LOOP;
END
$$;
CREATE POLICY decided_once ON intake.submission FOR UPDATE TO sia_loader USING (decided_at IS NULL) WITH CHECK (TRUE);
CREATE POLICY accounted_by_loader ON quality.row_account FOR UPDATE TO sia_loader USING (TRUE) WITH CHECK (TRUE);
