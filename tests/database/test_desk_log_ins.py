"""The desk's own log-ins: one reads the warehouse as the desk may, and one checks files without any right to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import errors
from sqlalchemy.engine import make_url

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.errors import PermanentError
from sia.feedback import dry_run
from sia.intake.identify import IdentifiedFile
from sia.local import desk_log_ins
from sia.local.postgres import Server, close_database
from sia.settings import overridden
from sia.warehouse import database, roles
from tests.conftest import Warehouse
from tests.own_registers import replace_register
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled

PASSWORDS = {"desk": "long-and-random-1", "checks": "long-and-random-2"}


@pytest.fixture
def log_ins(server: Server, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of the desk; afterwards the server is as it was."""
    name = warehouse.connection.info.dbname
    # PostgreSQL copies no rights of a database, and the test's is a copy.
    with warehouse.connection as connection, connection.cursor() as cursor:
        close_database(cursor, name)
        roles.apply(connection)
    environment = desk_log_ins.environment(server, PASSWORDS)
    template = f"{name}_check"
    try:
        with monkeypatch.context() as patch:
            for variable, value in environment.items():
                patch.setenv(variable, value)
            yield environment
    finally:
        with closing(psycopg2.connect(server.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'ALTER DATABASE "{template}" IS_TEMPLATE false')
                for database_name in (template, "checks"):
                    cursor.execute(f'DROP DATABASE "{database_name}" WITH (FORCE)')
                for log_in in PASSWORDS:
                    cursor.execute(f"DROP OWNED BY {log_in}")
                    cursor.execute(f"DROP ROLE {log_in}")


def identified(folder: Path) -> IdentifiedFile:
    path = folder / "return.xlsx"
    path.write_bytes(as_bytes(filled()))
    return IdentifiedFile(path, contract("sanctuary"), Quarter.parse(QUARTER), "sanctuary_contractor")


def test_the_desk_may_what_the_role_of_the_desk_may_and_no_more(log_ins: dict[str, str]) -> None:
    with database.connection() as connection:
        assert query(connection, "SELECT current_user, session_user") == [("desk", "desk")]
        assert query(connection, "SELECT count(*) FROM feedback.register_entry") == [(0,)]
        for refused in (
            "SELECT * FROM warehouse.sanctuary_job", "SELECT * FROM marts.scorecard", "SET ROLE sia_loader",
            "SET ROLE sia_owner", "SET ROLE sia_publisher", "CREATE DATABASE mine", "CREATE ROLE mine",
            "UPDATE feedback.register_entry SET why = ''", "SELECT sealed_seed FROM release.candidate",
        ):  # fmt: skip
            with (
                connection.cursor() as cursor,
                pytest.raises((errors.InsufficientPrivilege, errors.ActiveSqlTransaction)),
            ):
                cursor.execute(refused)
            connection.rollback()
    with database.kept_connection("desk") as connection:
        assert query(connection, "SELECT current_user") == [("sia_desk",)]


def test_the_log_in_for_checks_cannot_connect_to_the_warehouse(log_ins: dict[str, str], warehouse: Warehouse) -> None:
    for name in (warehouse.connection.info.dbname, "postgres", "template1"):
        address = make_url(log_ins["SIA_CHECK_URL"]).set(database=name).render_as_string(hide_password=False)
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(address)


def test_a_file_is_checked_by_the_desk_s_own_log_ins(
    log_ins: dict[str, str], warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "check").mkdir()
    result = dry_run.check_file(identified(tmp_path), tmp_path / "check")
    assert not result.refused
    assert result.totals
    names = query(warehouse.connection, "SELECT datname FROM pg_database WHERE datname ~ '_check_[0-9]+$'")
    assert [name for (name,) in names if name.startswith(warehouse.connection.info.dbname)] == []
    assert query(warehouse.connection, "SELECT count(*) FROM intake.submission") == [(0,)]


def test_checks_wait_for_a_template_that_is_up_to_date(
    log_ins: dict[str, str], warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (dry_run.REGISTERS / "leads.yml").read_text(encoding="utf-8")
    replace_register(monkeypatch, tmp_path, "leads.yml", f"{text}\n# changed\n")
    (tmp_path / "check").mkdir()
    with pytest.raises(PermanentError, match="Start the services again"):
        dry_run.check_file(identified(tmp_path), tmp_path / "check")
    with overridden(warehouse_url=warehouse.url, check_url=None):
        dry_run.prepare_template()
    assert not dry_run.check_file(identified(tmp_path), tmp_path / "check").refused


def test_a_second_start_keeps_the_log_ins_and_gives_them_their_passwords(
    log_ins: dict[str, str], server: Server, warehouse: Warehouse
) -> None:
    with overridden(warehouse_url=warehouse.url, check_url=None):
        again = desk_log_ins.environment(server, {**PASSWORDS, "desk": "another-1"})
    assert again["SIA_CHECK_URL"] == log_ins["SIA_CHECK_URL"]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(log_ins["SIA_WAREHOUSE_URL"])
    psycopg2.connect(again["SIA_WAREHOUSE_URL"]).close()
