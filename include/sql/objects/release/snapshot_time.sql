-- Grain: a moment; a trigger on release.candidate.
-- Keys: none.
-- Why: a release shows what is known at one moment. The moment is fixed only when nothing is half received, half loaded or half written: what
-- began before it is waited for, in the order in which a load locks. A later load sees the candidate, which is written in the same
-- transaction, and leaves its past alone (include/sql/load/known_from.sql).
CREATE OR REPLACE FUNCTION release.freeze_snapshot_time() RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE warehouse.return_version, intake.submission, release.commentary_request, release.commentary IN SHARE MODE;
    RETURN clock_timestamp();
END
$$;
COMMENT ON FUNCTION release.freeze_snapshot_time() IS
'The time now; until the transaction ends, nothing is received, loaded or commented on';

CREATE OR REPLACE FUNCTION release.forbid_other_moment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF new.known_at BETWEEN transaction_timestamp() AND clock_timestamp() THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a release shows what is known now: call release.freeze_snapshot_time()'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION release.forbid_other_moment() IS 'Refuses a candidate that shows any moment but the present';

CREATE OR REPLACE TRIGGER forbid_other_moment BEFORE INSERT ON release.candidate FOR EACH ROW
WHEN (NOT pg_has_role('sia_owner', 'MEMBER')) EXECUTE FUNCTION release.forbid_other_moment();
