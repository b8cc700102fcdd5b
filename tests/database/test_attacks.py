"""Ways round the roles' rights that once worked. PostgreSQL refuses each of them now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.contract.model import contract
from sia.errors import PermanentError
from sia.feedback.dry_run import scratch_database
from sia.local import postgres
from sia.quality import validate
from sia.warehouse import logins, roles, sessions, staging_tables
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import job, submit
from tests.db_logins import LogIn, refusal, role_logins

# What PostgreSQL allows everybody who may connect, unless we revoke it.
FOR_EVERYBODY = (
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "CREATE FUNCTION pg_temp.mine(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "DO 'BEGIN END'",
    "CREATE EXTENSION hstore SCHEMA public",
    "CREATE DATABASE mine",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "SET temp_file_limit = -1",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_ls_dir('.')",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_statistic_ext_data",
)
LOCKS = ("SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_xact_lock_shared(1, 1)")
CONNECTION_ENDED = (psycopg2.OperationalError, psycopg2.InterfaceError)
# How many rows a table has that the role may not read. A count below the threshold is a suppressed count.
ROW_COUNTS = (
    "SELECT reltuples FROM pg_class",
    "SELECT relpages FROM pg_class",
    "SELECT * FROM pg_stat_all_tables",
    "SELECT * FROM pg_stat_xact_user_tables",
    "SELECT * FROM pg_statio_user_tables",
    "SELECT pg_stat_get_live_tuples('release.figure'::regclass)",
    "SELECT pg_stat_get_db_tuples_inserted(oid) FROM pg_database",
)


@pytest.fixture(scope="module")
def two_returns(warehouse_of_module: Warehouse) -> Warehouse:
    """A warehouse with two accepted returns of one quarter, one that waits to be loaded, and findings in the first."""
    connection = warehouse_of_module.connection
    for received in ("2019-04-23", "2020-08-10"):
        assert load(connection, submit(connection, received, [job(n) for n in range(5)]))
    submit(connection, "2021-01-01", [job(1)])
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message)"
            " SELECT 1, CASE WHEN n < 30 THEN 'SAN-COST-01' ELSE 'SAN-DATE-01' END, 'x' FROM generate_series(1, 40) n"
        )
        cursor.execute("ANALYZE")
    return warehouse_of_module


@pytest.fixture(scope="module")
def connect_as(two_returns: Warehouse) -> Iterator[LogIn]:
    with role_logins(two_returns) as connect:
        yield connect


def first_value(connection: Connection, query: str, *values: object) -> Any:
    with connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
        return row and row[0]


@pytest.mark.parametrize(
    ("role", "statements"),
    [
        ("analyst", FOR_EVERYBODY + LOCKS),
        ("steward", FOR_EVERYBODY + LOCKS),
        ("publisher", FOR_EVERYBODY),
        ("loader", FOR_EVERYBODY),
        ("partner_odas", FOR_EVERYBODY + LOCKS + ROW_COUNTS),
        ("public", FOR_EVERYBODY + LOCKS + ROW_COUNTS),
    ],
)
def test_no_role_may_do_what_postgresql_allows_everybody(
    connect_as: LogIn, role: str, statements: tuple[str, ...]
) -> None:
    connection = connect_as(role)
    connection.autocommit = True
    for statement in statements:
        assert refusal(connection, statement) == "42501", f"{role}: {statement}"


def test_a_decided_return_gets_no_rows_and_history_is_not_rewritten(two_returns: Warehouse, connect_as: LogIn) -> None:
    loader = connect_as("loader")
    loader.autocommit = True
    for statement in (
        "UPDATE warehouse.return_version SET known_during = tstzrange('2000-01-01', upper(known_during))"
        " WHERE return_version_id = 1",
        "UPDATE warehouse.return_version SET known_during = tstzrange(lower(known_during),"
        " lower(known_during) + interval '1 second')",
        "INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during, synthetic)"
        " SELECT return_name, source, submission_id, '[2001-01-01,2001-02-01)', known_during, synthetic FROM"
        " warehouse.return_version",
        "INSERT INTO marts.component_total VALUES (1, 'E07000178', '2019-02-01', 'referrals', 99)",
        "INSERT INTO warehouse.mediation_funding VALUES (1, 1, 'CSP-SOUTH-VALE', 1)",
        "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (1, 'SAN-COST-01', 'x')",
        "INSERT INTO intake.staged_file VALUES (1, 'jobs', 9, 'x', NULL, 5, 1000, 7, '{}')",
        "UPDATE intake.submission SET status = 'accepted', decided_at = 'infinity' WHERE decided_at IS NULL",
        "UPDATE feedback.letter SET plain = ''",
    ):
        assert refusal(loader, statement) == "42501", statement
    with loader.cursor() as cursor:
        cursor.execute("UPDATE quality.row_reconciliation SET rows_loaded = 0 RETURNING submission_id")
        assert {number for (number,) in cursor.fetchall()} == {3}


def test_every_table_of_facts_forbids_late_rows(two_returns: Warehouse) -> None:
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
            " WHERE a.attname = 'return_version_id' AND c.relkind = 'r' AND c.relnamespace <> 'release'::regnamespace"
            " AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'forbid_late_insert')"
        )
        assert cursor.fetchall() == []


def test_the_publisher_who_prepares_a_release_may_neither_approve_nor_publish_it(connect_as: LogIn) -> None:
    publisher = connect_as("publisher")
    publisher.autocommit = True
    for statement in (
        "INSERT INTO release.candidate (quarter_key, known_at) VALUES ('2018-19Q4', 'infinity')",
        "INSERT INTO release.candidate (quarter_key, known_at) VALUES ('2018-19Q4', '2019-05-01')",
        "INSERT INTO release.decision VALUES (1, 'approved', 'director', now(), '')",
        "INSERT INTO release.release (candidate_id) VALUES (1)",
        "INSERT INTO release.figure VALUES (1, 'sanctuary_referrals', 'E07000178', 'later', 3, 'shown')",
        "INSERT INTO release.disclosure_cell VALUES (1, 'referrals', 'E07000178', 1, 2, 3, false)",
        "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at)"
        " VALUES (1, 'x', 'lead', now())",
    ):
        assert refusal(publisher, statement) == "42501", statement
    assert refusal(publisher, "INSERT INTO release.candidate (quarter_key, known_at)"
                              " VALUES ('2018-19Q4', release.freeze_snapshot_time())") is None  # fmt: skip


def test_an_error_quotes_no_row_that_a_view_leaves_out(two_returns: Warehouse, connect_as: LogIn) -> None:
    """PostgreSQL calls a function that costs next to nothing before it applies the view's own condition."""
    analyst = connect_as("analyst")
    query = "SELECT count(*) FROM marts.accepted_submission WHERE marts.told(receipt)"
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION marts.told(receipt text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
            " $$ BEGIN IF receipt > '2020-12' THEN RAISE '%', receipt; END IF; RETURN true; END $$"
        )
    assert first_value(analyst, query) == 2
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute("ALTER VIEW marts.accepted_submission RESET (security_barrier)")
    with pytest.raises(psycopg2.DatabaseError, match="2021-01-01"):
        first_value(analyst, query)
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION marts.told")
        roles.apply(connection)
        cursor.execute(
            "SELECT array_agg(relname ORDER BY relname) FROM pg_class"
            " WHERE relnamespace = 'marts'::regnamespace AND reloptions @> '{security_barrier=true}'"
        )
        assert cursor.fetchone() == (["accepted_submission", "return_quality"],)


# What a plan, and the statistics of a transaction, tell about the work behind a question of a partner.
QUESTIONS = (
    "SELECT FROM quality.own_findings() WHERE rule_id = 'SAN-COST-01'",
    "SELECT FROM quality.own_findings() WHERE submission_id = 1",
    "SELECT FROM intake.own_submissions() WHERE receipt = 'x'",
    "SELECT FROM intake.own_files() WHERE submission_id = 1",
    "SELECT FROM quality.own_row_reconciliation() WHERE submission_id = 1",
)
SETTINGS = ("enable_seqscan = off", "enable_indexscan = off", "jit = off", "from_collapse_limit = 1")


def test_a_query_plan_tells_a_partner_nothing_about_the_rows_of_others(
    two_returns: Warehouse, connect_as: LogIn
) -> None:
    partner = connect_as("partner_odas")

    def plans() -> list[dict[str, object]]:
        seen = []
        for setting in SETTINGS:
            for question in QUESTIONS:
                with partner, partner.cursor() as cursor:
                    cursor.execute(f"SET LOCAL {setting}")
                    cursor.execute(question)  # the first call of a session also reads the catalogue
                    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, VERBOSE, TIMING off, FORMAT json) {question}")
                    ((plan,),) = cursor.fetchall()
                seen.append(plan[0]["Plan"])
        return seen

    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, content_hash,"
            " size_bytes, received_at) VALUES ('ODAS-1', 'odas', 'odas', '2018-19Q4', 'odas.xlsx', repeat('0', 64), 0,"
            " '2019-04-20') RETURNING submission_id"
        )
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (%s, 'ODA-TOTAL-01', 'x')",
            cursor.fetchone(),
        )
    before = plans()
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message)"
            " SELECT 1, 'SAN-COST-01', 'x' FROM generate_series(1, 5000)"
        )
        cursor.execute("ANALYZE quality.finding")
    for others in range(5):
        submit(two_returns.connection, f"2021-01-{others + 10}", [job(1)])
    after = plans()
    for plan, later in zip(before, after, strict=True):
        different = {key: later[key] for key in later if later[key] != plan[key]}
        # An index that grew a level has one more block to read: 5,000 rows more, or 500,000.
        assert set(different) <= {"Shared Hit Blocks"}
        assert int(str(later["Shared Hit Blocks"])) - int(str(plan["Shared Hit Blocks"])) in {0, 1}
    assert {plan["Node Type"] for plan in after} == {"Function Scan"}
    assert {plan.get("Rows Removed by Filter", 0) for plan in after} == {0, 1}  # the one of its own


def test_the_statistics_of_a_transaction_tell_a_partner_nothing_about_the_rows_of_others(
    two_returns: Warehouse, connect_as: LogIn
) -> None:
    """A superuser takes these views from everybody outside (``server.sql``). Where nobody could, they say 0."""
    partner = connect_as("partner_odas")
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc AS p"
            " WHERE p.proname ~ '^pg_stat_get_xact_' AND p.proargtypes[0] = 'oid'::regtype"
        )
        ((functions,),) = cursor.fetchall()
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {functions} TO PUBLIC")
    with partner, partner.cursor() as cursor:
        for question in QUESTIONS:
            cursor.execute(question)
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_returned(t), pg_stat_get_xact_tuples_fetched(t) FROM unnest(ARRAY["
            "'intake.submission', 'intake.staged_file', 'quality.finding', 'quality.row_reconciliation']::regclass[])"
            " AS t"
        )
        assert set(cursor.fetchall()) == {(0, 0)}
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC")


def test_nobody_else_may_connect_to_the_database_of_a_check(two_returns: Warehouse, connect_as: LogIn) -> None:
    """Only its sender may see a return before it is sent. Its tables have the same rights as the warehouse's."""
    analyst = connect_as("analyst")
    with scratch_database() as url:
        copy = str(make_url(url).database)
        for database, message in ((copy, "permission denied"), (copy.rpartition("_")[0], "not currently accepting")):
            with pytest.raises(psycopg2.OperationalError, match=message):
                psycopg2.connect(analyst.dsn, password=analyst.info.password, dbname=database)
        scratch_url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg2.connect(scratch_url)) as scratch:
            assert first_value(scratch, "SELECT has_table_privilege('sia_analyst', 'marts.component_total', 'SELECT')")


def test_a_login_may_connect_to_no_other_database_of_the_server(server: postgres.Server, connect_as: LogIn) -> None:
    """A session in template1 blocks every new database. A session in Airflow's may block the scheduler's locks."""
    server.ensure_database("airflow")
    public = connect_as("public")
    for database in ("postgres", "template1", "airflow"):
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            psycopg2.connect(public.dsn, password=public.info.password, dbname=database)


def test_a_removed_login_loses_its_sessions_and_all_that_it_owns(two_returns: Warehouse, connect_as: LogIn) -> None:
    analyst = connect_as("analyst")
    name = str(analyst.info.user)
    with analyst, analyst.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE mine (a integer)")
        cursor.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC")
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT SELECT ON warehouse.sanctuary_job TO {}").format(sql.Identifier(name)))
    logins.remove(two_returns.connection, name)
    assert first_value(two_returns.connection, "SELECT count(*) FROM pg_roles WHERE rolname = %s", name) == 0
    with pytest.raises(CONNECTION_ENDED):
        first_value(analyst, "SELECT count(*) FROM marts.component_total")


def test_a_login_that_owns_something_in_another_database_may_no_longer_log_in(
    server: postgres.Server, two_returns: Warehouse, connect_as: LogIn
) -> None:
    steward = connect_as("steward")
    name = str(steward.info.user)
    with closing(psycopg2.connect(server.database_url("postgres"))) as elsewhere:
        with elsewhere, elsewhere.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA elsewhere AUTHORIZATION {}").format(sql.Identifier(name)))
        try:
            with pytest.raises(PermanentError, match="can no longer log in"):
                logins.remove(two_returns.connection, name)
            two_returns.connection.rollback()
            with pytest.raises(CONNECTION_ENDED):
                first_value(steward, "SELECT count(*) FROM marts.component_total")
            with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
                psycopg2.connect(steward.dsn, password=steward.info.password)
        finally:
            with elsewhere, elsewhere.cursor() as cursor:
                cursor.execute("DROP SCHEMA elsewhere")
    logins.remove(two_returns.connection, name)


def test_rights_that_somebody_granted_by_hand_are_revoked(two_returns: Warehouse, connect_as: LogIn) -> None:
    analyst = connect_as("analyst")
    login = str(analyst.info.user)
    with two_returns.connection as connection, connection.cursor() as cursor:
        for grant in (
            "GRANT SELECT ON warehouse.mediation_case TO PUBLIC",
            "GRANT USAGE ON SCHEMA warehouse TO PUBLIC",
            "GRANT SELECT (works_cost_gbp) ON warehouse.sanctuary_job TO {login}",
            "GRANT USAGE ON SCHEMA intake TO sia_analyst",
            "GRANT SELECT ON intake.submission TO sia_analyst WITH GRANT OPTION",
            "SET LOCAL ROLE sia_analyst",
            "GRANT SELECT ON intake.submission TO sia_public",
            "RESET ROLE",
            "GRANT CREATE ON SCHEMA public TO sia_analyst",
            "GRANT pg_read_all_data TO sia_analyst",
            "GRANT pg_read_all_data TO {login}",
            "GRANT sia_analyst TO {login} WITH ADMIN OPTION",
            "GRANT sia_steward TO sia_analyst",
            "ALTER ROLE sia_analyst BYPASSRLS CREATEDB",
            "ALTER ROLE {login} BYPASSRLS",
            "ALTER DEFAULT PRIVILEGES FOR ROLE sia_owner IN SCHEMA warehouse GRANT SELECT ON TABLES TO sia_public",
            "ALTER DEFAULT PRIVILEGES FOR ROLE sia_owner GRANT SELECT ON TABLES TO PUBLIC",
        ):
            cursor.execute(sql.SQL(grant).format(login=sql.Identifier(login)))
    roles.apply(two_returns.connection)
    two_returns.connection.commit()
    readable = (
        "SELECT array_agg(place) FROM unnest(ARRAY['warehouse.mediation_case', 'warehouse.sanctuary_job',"
        " 'intake.submission']) AS place, unnest(ARRAY['sia_public', 'sia_analyst', %s]) AS who"
        " WHERE has_any_column_privilege(who, place, 'SELECT')"
    )
    assert first_value(two_returns.connection, readable, login) is None
    attributes = "SELECT bool_or(rolbypassrls OR rolcreatedb) FROM pg_roles WHERE rolname IN ('sia_analyst', %s)"
    assert first_value(two_returns.connection, attributes, login) is False
    memberships = (
        "SELECT array_agg(roleid::regrole::text || admin_option) FROM pg_auth_members"
        " WHERE member IN ('sia_analyst'::regrole, %s::regrole)"
    )
    assert first_value(two_returns.connection, memberships, login) == ["sia_analystfalse"]
    assert refusal(analyst, "CREATE TABLE public.mine (a integer)") == "42501"
    analyst.rollback()
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE sia_owner")
        cursor.execute("CREATE TABLE warehouse.added_later (a integer)")
        cursor.execute("SELECT has_table_privilege('sia_public', 'warehouse.added_later', 'SELECT')")
        assert cursor.fetchone() == (False,)
        cursor.execute("DROP TABLE warehouse.added_later")


def test_a_login_has_limits_and_keeps_those_that_it_got_by_hand(two_returns: Warehouse, connect_as: LogIn) -> None:
    analyst, loader = connect_as("analyst"), connect_as("loader")
    assert first_value(analyst, "SELECT current_setting('statement_timeout')") == "15min"
    assert first_value(analyst, "SELECT current_setting('idle_in_transaction_session_timeout')") == "15min"
    assert first_value(loader, "SELECT current_setting('statement_timeout')") == "0"
    name = str(analyst.info.user)
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '2h'").format(sql.Identifier(name)))
        roles.apply(connection)
    settings = "SELECT rolconnlimit || ' ' || array_to_string(rolconfig, ' ') FROM pg_roles WHERE rolname = %s"
    assert "statement_timeout=2h" in (text := str(first_value(two_returns.connection, settings, name)))
    assert text.startswith("10 ")
    connections = [psycopg2.connect(analyst.dsn, password=analyst.info.password) for _ in range(9)]
    with pytest.raises(psycopg2.OperationalError, match="too many connections for role"):
        psycopg2.connect(analyst.dsn, password=analyst.info.password)
    for connection in connections:
        connection.close()


def test_a_login_that_lifts_its_own_limits_is_ended_all_the_same(two_returns: Warehouse, connect_as: LogIn) -> None:
    """PostgreSQL lets every login set its own limits of time and memory; it refuses the limits tried first."""
    analyst, loader = connect_as("analyst"), connect_as("loader")
    name = str(analyst.info.user)
    for statement in (
        "SET temp_file_limit = -1",
        f"ALTER ROLE {name} CONNECTION LIMIT 100",
        "SET log_min_messages = info",
    ):
        assert refusal(analyst, statement) == "42501", statement
        analyst.rollback()
    for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "transaction_timeout = 0"):
        with analyst, analyst.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {name} SET {setting}")
            cursor.execute(f"SET {setting}")
    for session in (analyst, loader):
        with session.cursor() as cursor:  # and leaves the transaction open
            cursor.execute("SELECT count(*) FROM marts.component_total")
    time.sleep(1.1)
    assert sessions.end_overdue(two_returns.connection, seconds=3600) == 0
    assert sessions.end_overdue(two_returns.connection, seconds=1) == 1
    with pytest.raises(CONNECTION_ENDED):
        first_value(analyst, "SELECT 1")
    assert first_value(loader, "SELECT 1") == 1


def test_a_view_that_a_loader_swapped_is_not_read_with_the_owner_s_rights(
    two_returns: Warehouse, connect_as: LogIn
) -> None:
    """A view's functions run with the rights of the role that reads it. The owner's could read a file of the server."""
    loader, sanctuary = connect_as("loader"), contract("sanctuary")
    number = submit(two_returns.connection, "2021-02-01", [])
    view = sql.Identifier("staging", staging_tables.typed_view(sanctuary, sanctuary.table("jobs"), number))
    with two_returns.connection as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER VIEW {} RENAME TO taken_away").format(view))
    with loader, loader.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE VIEW {} AS SELECT pg_read_file('PG_VERSION') AS case_reference").format(view))
    for step in (load, validate.validate):
        with two_returns.connection as connection, connection.cursor() as cursor:
            status = "validated" if step is load else "staged"
            cursor.execute("UPDATE intake.submission SET status = %s WHERE submission_id = %s", (status, number))
        with pytest.raises(PermanentError, match="another login owns the staging tables"):
            step(two_returns.connection, number)
        two_returns.connection.rollback()
