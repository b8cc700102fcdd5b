"""What each role may do. Each statement runs as a login of the role: the forbidden fail, the needed work."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path

import pytest
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import make_url

from sia.backup import backup
from sia.calendar import Quarter
from sia.cli import warehouse as login_commands
from sia.contract.model import contract, contracts
from sia.errors import PermanentError
from sia.quality import validate
from sia.release import draft
from sia.warehouse import database, logins, migrate, roles, staging_tables
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import job, submit
from tests.db_logins import LogIn, refusal, role_logins
from tests.staged import stage_rows

FORBIDDEN = {
    "loader": (
        "DELETE FROM warehouse.return_version",
        "DELETE FROM warehouse.sanctuary_job",
        "DELETE FROM marts.component_total",
        "DELETE FROM intake.submission",
        "TRUNCATE warehouse.street_crime",
        "UPDATE warehouse.sanctuary_job SET works_cost_gbp = 0",
        "UPDATE marts.component_total SET value = 0",
        "UPDATE warehouse.return_version SET period = '[2020-01-01,2020-02-01)'",
        "UPDATE intake.submission SET received_at = now()",
        "UPDATE intake.submission SET content_hash = ''",
        "UPDATE quality.finding SET message = ''",
        "INSERT INTO quality.rule VALUES ('X', NULL, NULL, 'warning', 1, 'x')",
        "INSERT INTO warehouse.dim_source VALUES ('x', 'x')",
        "UPDATE marts.dim_measure SET title = ''",
        "DROP TABLE warehouse.return_version",
        "ALTER TABLE intake.submission DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE warehouse.mine (a integer)",
        "CREATE TABLE public.mine (a integer)",
        "INSERT INTO feedback.signature DEFAULT VALUES",
        "INSERT INTO feedback.question_answer DEFAULT VALUES",
        "UPDATE quality.questioned_figure SET component = NULL",
        "INSERT INTO feedback.extension DEFAULT VALUES",
        "INSERT INTO feedback.register_entry DEFAULT VALUES",
        "SELECT * FROM public.migration",
        "DELETE FROM public.applied_object",
    ),
    "analyst": (
        "SELECT * FROM warehouse.sanctuary_job",
        "SELECT * FROM warehouse.sanctuary_job_today",
        "SELECT * FROM warehouse.sanctuary_job_known_at(now())",
        "SELECT * FROM warehouse.sanctuary_camera",
        "SELECT * FROM warehouse.mediation_case",
        "SELECT * FROM warehouse.mediation_case_today",
        "SELECT * FROM warehouse.mediation_case_known_at(now())",
        "SELECT * FROM warehouse.mediation_case_known_on('2019-06-30')",
        "SELECT * FROM warehouse.street_crime",
        "SELECT * FROM warehouse.street_crime_today",
        "SELECT * FROM warehouse.crime_outcome",
        "SELECT * FROM warehouse.crime_outcome_known_at(now())",
        "SELECT * FROM warehouse.component_row",
        "SELECT * FROM intake.submission",
        "SELECT * FROM intake.staged_file",
        "SELECT * FROM quality.finding",
        "SELECT * FROM staging.sanctuary_jobs",
        "SELECT * FROM marts.trace('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
        "SELECT * FROM marts.trace_rules('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
        "SELECT * FROM quality.judged_finding",
        "SELECT * FROM intake.removed_file",
        "SELECT * FROM feedback.expected_return_status",
        "SELECT * FROM release.disclosure_cell",
        "INSERT INTO marts.component_total SELECT * FROM marts.component_total",
        "UPDATE marts.component_total SET value = 0",
        "DELETE FROM marts.dim_measure",
        "CREATE TABLE marts.mine (a integer)",
        "CREATE TABLE public.mine (a integer)",
        "CREATE VIEW marts.mine AS SELECT 1",
        "CREATE OR REPLACE FUNCTION marts.smallest_shown_number(text, date) RETURNS int LANGUAGE sql AS 'SELECT 0'",
        "GRANT sia_steward TO sia_analyst",
        "SET ROLE sia_owner",
        "CREATE ROLE mine",
        "ALTER ROLE sia_analyst CREATEROLE",
        "COPY marts.dim_measure TO PROGRAM 'true'",
        "COPY marts.dim_measure TO '/tmp/mine'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT * FROM pg_authid",
        "ALTER SYSTEM SET log_statement = 'none'",
        "CREATE SCHEMA mine",
    ),
    "steward": (
        "SELECT * FROM warehouse.sanctuary_job",
        "SELECT * FROM warehouse.domestic_abuse_contact",
        "SELECT * FROM warehouse.street_crime_today",
        "SELECT * FROM warehouse.component_row",
        "SELECT * FROM staging.sanctuary_jobs",
        "UPDATE intake.submission SET status = 'accepted'",
        "DELETE FROM quality.finding",
        "UPDATE quality.rule SET severity = 'warning'",
        "UPDATE feedback.task SET state = 'closed'",
        "UPDATE feedback.expected_return SET due_on = due_on + 30",
        "DELETE FROM quality.waived_finding",
        "SELECT * FROM release.disclosure_cell",
        "INSERT INTO marts.component_total SELECT * FROM marts.component_total",
        "CREATE TEMPORARY TABLE mine (a integer)",
        "SET ROLE sia_loader",
    ),
    "publisher": (
        "SELECT * FROM intake.submission",
        "SELECT * FROM quality.finding",
        "SELECT * FROM feedback.letter",
        "SELECT * FROM warehouse.mediation_case",
        "SELECT file_name FROM intake.submission",
        "SELECT cell FROM quality.finding",
        "SELECT * FROM warehouse.indicator",
        "SELECT * FROM warehouse.component_row",
        "UPDATE marts.component_total SET value = 0",
        "DELETE FROM warehouse.return_version",
        "UPDATE release.release SET number = 2",
        "DELETE FROM release.figure",
        "SET ROLE sia_analyst",
    ),
    "public": (
        "SELECT * FROM release.disclosure_cell",
        "SELECT * FROM release.decision",
        "SELECT * FROM release.candidate",
        "SELECT * FROM release.ledger",
        "SELECT * FROM feedback.expected_return",
        "SELECT * FROM quality.submission_score",
        "SELECT * FROM marts.trace_rules('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
        "DELETE FROM release.figure",
        "SELECT release.freeze_snapshot_time()",
        "SELECT * FROM marts.observation",
        "SELECT * FROM marts.scorecard_wide",
        "SELECT * FROM marts.component_total",
        "SELECT * FROM marts.observation_known_at(now())",
        "SELECT * FROM warehouse.dim_area",
        "SELECT * FROM warehouse.population",
        "SELECT * FROM intake.submission",
        "SELECT * FROM quality.rule",
        "SELECT * FROM public.migration",
        "CREATE TEMPORARY TABLE mine (a integer)",
        "CREATE TABLE public.mine (a integer)",
    ),
    "partner_odas": (
        "SELECT * FROM marts.observation",
        "SELECT * FROM marts.component_total",
        "SELECT * FROM marts.accepted_submission",
        "SELECT * FROM marts.trace('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
        "SELECT * FROM warehouse.domestic_abuse_contact",
        "SELECT * FROM warehouse.return_version",
        "SELECT * FROM quality.submission_score",
        "SELECT * FROM quality.judged_finding",
        "SELECT * FROM quality.waived_finding",
        "SELECT * FROM intake.removed_file",
        "SELECT * FROM feedback.expected_return",
        "SELECT * FROM feedback.reminder",
        "SELECT * FROM feedback.letter",
        "SELECT * FROM staging.odas_contacts",
        "SELECT * FROM intake.submission",
        "SELECT * FROM intake.staged_file",
        "SELECT * FROM quality.finding",
        "SELECT * FROM quality.row_reconciliation",
        "INSERT INTO intake.submission (receipt) VALUES ('x')",
        "UPDATE intake.submission SET status = 'accepted'",
        "DELETE FROM quality.finding",
        "ALTER TABLE intake.submission DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON intake.submission USING (true)",
        "SET ROLE sia_partner_sanctuary_contractor",
    ),
}

ALLOWED = {
    "loader": ("SELECT count(*) FROM warehouse.return_version", "CREATE TEMPORARY TABLE mine (a integer)"),
    "analyst": (
        "SELECT * FROM observation",
        "SELECT * FROM marts.observation_known_on('2019-06-30')",
        "SELECT * FROM marts.observation_known_at(now())",
        "SELECT * FROM marts.scorecard_wide",
        "SELECT * FROM marts.scorecard",
        "SELECT * FROM marts.areas_side_by_side",
        "SELECT * FROM marts.crime_by_neighbourhood",
        "SELECT * FROM marts.changes_since('2019-01-01')",
        "SELECT * FROM marts.returns_since('2019-01-01')",
        "SELECT * FROM marts.component_total_today",
        "SELECT * FROM marts.component_total_known_on('2019-06-30')",
        "SELECT * FROM dim_area NATURAL JOIN population",
        "SELECT * FROM warehouse.domestic_abuse_contact_today",
        "SELECT * FROM warehouse.police_count_known_on('2019-06-30')",
        "CREATE TEMPORARY TABLE mine AS SELECT * FROM observation",
    ),
    "steward": (
        "SELECT * FROM intake.submission",
        "SELECT * FROM quality.finding",
        "SELECT * FROM feedback.task",
        "SELECT * FROM feedback.expected_return_status",
        "SELECT * FROM marts.trace_rules('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
        "SELECT * FROM marts.return_quality",
        "SELECT * FROM marts.trace('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
    ),
    "publisher": (
        "SELECT * FROM marts.scorecard",
        "SELECT * FROM warehouse.dim_quarter",
        "SELECT release.freeze_snapshot_time()",
        "SELECT * FROM marts.trace('sanctuary_referrals', 'CSP-SOUTH-VALE', '2018-19Q4')",
    ),
    "public": ("SELECT * FROM release.figure", "SELECT * FROM release.file", "SELECT * FROM release.release"),
    "partner_odas": (
        "SELECT * FROM intake.own_submissions()",
        "SELECT * FROM intake.own_files()",
        "SELECT * FROM quality.own_findings() NATURAL JOIN quality.rule",
        "SELECT * FROM quality.own_row_reconciliation()",
    ),
}


@pytest.fixture
def connect_as(warehouse: Warehouse) -> Iterator[LogIn]:
    with role_logins(warehouse) as connect:
        yield connect


def test_at_least_forty_statements_are_tried() -> None:
    assert sum(map(len, FORBIDDEN.values())) >= 40
    assert set(FORBIDDEN) == set(ALLOWED)


@pytest.mark.parametrize("role", FORBIDDEN)
def test_what_a_role_must_not_do_is_refused(warehouse: Warehouse, connect_as: LogIn, role: str) -> None:
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(1)]))
    connection = connect_as(role)
    connection.autocommit = True
    for statement in FORBIDDEN[role]:
        assert refusal(connection, statement) == "42501", f"{role}: {statement}"


@pytest.mark.parametrize("role", ALLOWED)
def test_what_a_role_needs_works(warehouse: Warehouse, connect_as: LogIn, role: str) -> None:
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(1)]))
    connection = connect_as(role)
    for statement in ALLOWED[role]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.rollback()


# Published tables.
PUBLISHED = {
    "csp_crime_%", "nearest_neighbour%", "authority_partnership%", "population_estimate%", "homelessness_duty%",
    "lsoa_change%", "similar_partnership%", "district_outline%", "crime_severity_score%",
}  # fmt: skip
# What each role may read, by schema: everything, or these tables only. A new table is closed until it is listed here.
READABLE = {
    "sia_public": {"release": {"release", "file", "figure", "conclusion"}},
    "sia_partner": {
        "quality": {"rule"},
        "warehouse": {"dim_return", "dim_quarter"},
    },
    "sia_steward": {
        "intake": ...,
        "quality": ...,
        "feedback": ...,
        "marts": ...,
        "warehouse": {"dim_%", "area_member", "return_version"} | PUBLISHED,
    },
    "sia_publisher": {
        "intake": {"submission"},
        "quality": {"finding", "rule", "waived_finding"},
        "feedback": {"register_entry"},
        "marts": ...,
        "warehouse": {"dim_%", "area_member", "return_version", "population"} | PUBLISHED,
        "release": ...,
    },
    "sia_desk": {
        "intake": ...,
        "quality": ...,
        "feedback": ...,
        "desk": ...,
        "warehouse": {"dim_%", "return_version"},
        "release": {
            "candidate",
            "proposal",
            "decision",
            "release",
            "file",
            "ledger",
            "commentary_request",
            "commentary",
        },
    },
    "sia_analyst": {
        "marts": ...,
        "warehouse": {
            "dim_%",
            "area_member",
            "return_version",
            "population",
            "police_count%",
            "domestic_abuse_contact%",
            "domestic_abuse_client%",
            "mediation_funding%",
            "asb_meeting%",
            "csp_activity%",
            "protection_order%",
            "commissioner_grant%",
            "project_award%",
            "survey_answer%",
            "indicator%",
        }
        | PUBLISHED,
    },
}
WRITABLE = {"sia_publisher": {"release"}, "sia_desk": {"desk", "feedback", "release"}}


@pytest.mark.parametrize("role", READABLE)
def test_a_role_reads_nothing_that_is_not_listed(warehouse: Warehouse, role: str) -> None:
    """Checks every table and view, so that a new one is open to nobody by mistake."""
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname, has_any_column_privilege(%(role)s, c.oid, 'SELECT'),"
            " has_any_column_privilege(%(role)s, c.oid, 'INSERT, UPDATE')"
            " OR has_table_privilege(%(role)s, c.oid, 'DELETE, TRUNCATE')"
            " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^(pg_|information_schema)'",
            {"role": role},
        )
        relations = cursor.fetchall()
    assert len(relations) > 80
    for schema, name, reads, writes in relations:
        listed = READABLE[role].get(schema, set())
        allowed = listed is ... or any(fnmatch(name, pattern.replace("%", "*")) for pattern in listed)
        assert allowed or not reads, f"{role} reads {schema}.{name}"
        assert not writes or schema in WRITABLE.get(role, set()), f"{role} writes {schema}.{name}"


def test_a_partner_reads_no_table_with_rows_of_several_senders(warehouse: Warehouse) -> None:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname IN ('submission_id', 'source')"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace <> 'pg_catalog'::regnamespace"
            " AND has_any_column_privilege('sia_partner', c.oid, 'SELECT')"
        )
        assert cursor.fetchall() == []


def test_a_partner_sees_its_own_submissions_only(warehouse: Warehouse, connect_as: LogIn) -> None:
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(1)]))
    with warehouse.connection as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message)"
            " SELECT submission_id, 'SAN-COST-01', 'x' FROM intake.submission"
        )

    def seen(connection: Connection) -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM intake.own_submissions()), (SELECT count(*) FROM quality.own_findings()),"
                " (SELECT count(*) FROM quality.own_row_reconciliation())"
            )
            return cursor.fetchone() or ()

    assert seen(connect_as("partner_sanctuary_contractor")) == (1, 1, 2)
    assert seen(connect_as("partner_odas")) == (0, 0, 0)
    assert seen(connect_as("steward")) == (0, 0, 0)


def test_every_sender_has_its_own_role(warehouse: Warehouse, connect_as: LogIn) -> None:
    senders = {sender for return_contract in contracts().values() for sender in return_contract.senders}
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        names = {name for (name,) in cursor.fetchall()}
    assert {roles.group("partner", sender) for sender in senders} <= names


def test_the_pipeline_runs_as_the_loader(warehouse: Warehouse, connect_as: LogIn) -> None:
    connection = connect_as("loader")
    assert load(connection, submit(connection, "2019-04-23", [job(n) for n in range(49)]))
    assert load(connection, submit(connection, "2020-08-10", [job(n) for n in range(55)]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM warehouse.return_version WHERE upper_inf(known_during)")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("return_name", ["sanctuary", "tvp_crime"])
def test_the_loader_stages_validates_and_drops(
    warehouse: Warehouse, connect_as: LogIn, monkeypatch: pytest.MonkeyPatch, return_name: str
) -> None:
    connection = connect_as("loader")
    dsn = make_url(warehouse.url).set(username=connection.info.user, password=connection.info.password)
    monkeypatch.setenv("SIA_WAREHOUSE_URL", dsn.render_as_string(hide_password=False))
    submission_id = stage_rows(connection, return_name)
    assert validate.validate(connection, submission_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM intake.submission WHERE submission_id = %s", (submission_id,))
        assert cursor.fetchone() == ("validated",)


def test_the_publisher_reads_the_scorecard(warehouse: Warehouse, connect_as: LogIn) -> None:
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", [job(1)]))
    scorecard = draft.read(connect_as("publisher"), Quarter(2018, 4))
    assert scorecard.reported
    assert "accepted" in {state.state for state in scorecard.returns}


def test_the_loader_clears_only_what_is_not_decided(warehouse: Warehouse, connect_as: LogIn) -> None:
    connection = connect_as("loader")
    decided = submit(connection, "2019-04-23", [job(1)])
    waiting = submit(connection, "2019-04-24", [job(1)])
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (%s, 'SAN-COST-01', 'x')",
            [(decided,), (waiting,)],
        )
    assert load(connection, decided)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM quality.finding RETURNING submission_id")
        assert cursor.fetchall() == [(waiting,)]
        cursor.execute("UPDATE intake.submission SET status = 'validated', decided_at = NULL RETURNING submission_id")
        assert cursor.fetchall() == [(waiting,)]


def test_a_login_drops_what_another_login_staged(warehouse: Warehouse, connect_as: LogIn) -> None:
    first, second = connect_as("loader"), connect_as("loader")
    sanctuary = contract("sanctuary")
    staging_tables.create_staging(first, sanctuary, sanctuary.tables[0], 7)
    first.commit()
    staging_tables.drop_staging(second, sanctuary, 7)
    second.commit()
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relname ~ '_7$'")
        assert cursor.fetchall() == []


def test_roles_are_applied_again_without_change(warehouse: Warehouse, connect_as: LogIn) -> None:
    def rights() -> list[tuple[str, ...]]:
        with warehouse.connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, array(SELECT a::text FROM unnest(relacl) AS a ORDER BY 1)::text FROM pg_class"
                " WHERE relnamespace::regnamespace::text IN ('intake', 'quality', 'warehouse', 'marts') ORDER BY 1, 2"
            )
            return cursor.fetchall()

    before = rights()
    roles.apply(warehouse.connection)
    assert rights() == before


def test_a_right_that_no_file_grants_is_revoked(warehouse: Warehouse, connect_as: LogIn) -> None:
    with warehouse.connection as connection, connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON warehouse.mediation_case TO sia_analyst")
        roles.apply(connection)
    with connect_as("analyst").cursor() as cursor, pytest.raises(errors.InsufficientPrivilege):
        cursor.execute("SELECT * FROM warehouse.mediation_case")


def test_an_ordinary_login_that_may_make_roles_and_databases_migrates_and_backs_up(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner need not be a superuser: a managed PostgreSQL has none for us."""
    name, database_name = f"owner_{uuid.uuid4().hex[:8]}", f"owned_{uuid.uuid4().hex[:8]}"
    warehouse.connection.rollback()
    warehouse.connection.autocommit = True
    with warehouse.connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD 'x'").format(sql.Identifier(name)))
        # On this server another login made the roles. On a new server the owner makes them, and may grant them.
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^sia_'")
        for (group,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(group), sql.Identifier(name))
            )
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database_name), sql.Identifier(name))
        )
        # A backup connects to it to create its second database.
        cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(sql.Identifier(name)))
        try:
            url = make_url(warehouse.url).set(username=name, password="x", database=database_name)
            monkeypatch.setenv("SIA_WAREHOUSE_URL", url.render_as_string(hide_password=False))
            with closing(database.connect()) as connection:
                migrate.migrate(connection)
                with connection, connection.cursor() as owner_cursor:
                    owner_cursor.execute("SET LOCAL ROLE sia_loader")
                    owner_cursor.execute("CREATE TABLE staging.left_by_a_loader (a integer)")
                roles.apply(connection)
                connection.commit()
                migrate.migrate(connection)
                # The loader may be at work. Its staging tables stay its own, and stop no migration.
                with connection, connection.cursor() as owner_cursor:
                    owner_cursor.execute(
                        "SELECT has_table_privilege('sia_loader', 'staging.left_by_a_loader', 'INSERT')"
                    )
                    assert owner_cursor.fetchone() == (True,)
                    owner_cursor.execute("DROP TABLE staging.left_by_a_loader")
                assert load(connection, submit(connection, "2019-04-23", [job(1)]))
            assert backup.read_manifest(backup.backup(tmp_path)).tables["warehouse.sanctuary_job"].rows == 1
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database_name)))
            cursor.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.mark.parametrize(
    ("name", "role", "sender"),
    [("Ann", "analyst", None), ("sia_x", "analyst", None), ("ann", "owner", None), ("ann", "partner", None),
     ("ann", "analyst", "odas"), ("ann", "partner", "nobody")],
)  # fmt: skip
def test_invalid_logins_are_refused(warehouse: Warehouse, name: str, role: str, sender: str | None) -> None:
    with pytest.raises(PermanentError):
        logins.add(warehouse.connection, name, role, sender)


def test_a_password_is_shown_once_and_only_logins_of_the_command_are_removed(
    warehouse: Warehouse, connect_as: LogIn, capfd: pytest.CaptureFixture[str]
) -> None:
    login = f"ann_{uuid.uuid4().hex[:8]}"
    login_commands.add_login(login, "analyst", None)
    output = capfd.readouterr().out
    assert output.count("password") == 2
    login_commands.list_logins()
    assert f"{login} " in capfd.readouterr().out
    login_commands.remove_login(login)
    with pytest.raises(PermanentError):
        login_commands.remove_login("postgres")
