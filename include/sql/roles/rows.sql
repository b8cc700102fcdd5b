-- Who: everybody who may read or write submissions and what belongs to them; the owner is above these rules.
-- Rows: the loader, the steward, the publisher and the desk see all. A partner reads none of these tables: it calls functions (partner.sql).
-- The loader adds to, changes and clears only what is not decided, or is decided in the same transaction: what was decided is history.
-- Views: rows that a view leaves out are shown to no function of its reader.
DO $$
DECLARE
    name text;
    rule record;
    undecided CONSTANT text := 'submission_id IN (SELECT s.submission_id FROM intake.submission AS s WHERE coalesce(s.decided_at >= now(), TRUE))';
BEGIN
    FOREACH name IN ARRAY ARRAY['intake.submission', 'intake.staged_file', 'quality.finding', 'quality.questioned_figure', 'quality.row_reconciliation'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        FOR rule IN SELECT polname FROM pg_policy WHERE polrelid = name::regclass LOOP
            EXECUTE format('DROP POLICY %I ON %s', rule.polname, name);
        END LOOP;
        EXECUTE format('CREATE POLICY seen_by_unit ON %s FOR SELECT TO sia_loader, sia_steward, sia_publisher, sia_desk USING (TRUE)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['intake.staged_file', 'quality.finding', 'quality.row_reconciliation'] LOOP
        EXECUTE format('CREATE POLICY added_while_undecided ON %s FOR INSERT TO sia_loader WITH CHECK (%s)', name, undecided);
        EXECUTE format(
            'CREATE POLICY cleared_while_undecided ON %s FOR DELETE TO sia_loader '
            'USING (submission_id IN (SELECT s.submission_id FROM intake.submission AS s WHERE s.decided_at IS NULL))',
            name
        );
    END LOOP;
    EXECUTE format(
        'CREATE POLICY added_while_undecided ON quality.questioned_figure FOR INSERT TO sia_loader '
        'WITH CHECK (finding_id IN (SELECT f.finding_id FROM quality.finding AS f WHERE f.%s))',
        undecided
    );
    EXECUTE format('CREATE POLICY accounted_while_undecided ON quality.row_reconciliation FOR UPDATE TO sia_loader USING (%s)', undecided);
    FOREACH name IN ARRAY ARRAY['marts.accepted_submission', 'marts.return_quality'] LOOP
        IF NOT coalesce((SELECT reloptions @> '{security_barrier=true}' FROM pg_class WHERE oid = name::regclass), FALSE) THEN
            EXECUTE format('ALTER VIEW %s SET (security_barrier = TRUE)', name);
        END IF;
    END LOOP;
END
$$;
CREATE POLICY added_by_loader ON intake.submission FOR INSERT TO sia_loader WITH CHECK (coalesce(decided_at <= clock_timestamp(), TRUE));
CREATE POLICY decided_once ON intake.submission FOR UPDATE TO sia_loader
USING (decided_at IS NULL) WITH CHECK (coalesce(decided_at <= clock_timestamp(), TRUE));
