"""The desk's own log-ins: one reads the warehouse as the desk may, and one checks files without any right to it."""

from __future__ import annotations

from collections.abc import Iterator
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
from sia.local.postgres import Server
from sia.settings import overridden
from sia.warehouse import database
from tests.conftest import Warehouse
from tests.desk_log_ins import allowed
from tests.own_registers import replace_register
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled

PASSWORDS = {"desk": "long-and-random-1", "checks": "long-and-random-2"}


@pytest.fixture
def log_ins(server: Server, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of the desk; afterwards the server is as it was."""
    with allowed(server, warehouse), monkeypatch.context() as patch:
        environment = desk_log_ins.environment(server, PASSWORDS)
        for variable, value in environment.items():
            patch.setenv(variable, value)
        yield environment


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
