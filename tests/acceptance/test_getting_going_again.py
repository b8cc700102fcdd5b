"""After a crash a return goes on where it was, and a file that nobody can read keeps no other waiting."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg2 import sql

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.errors import PermanentError
from sia.feedback import reply
from sia.intake import admit, stage
from sia.quality import validate
from sia.storage.folders import landing_folder
from sia.warehouse import staging_tables
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.staged import findings, status
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled, put


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path


def receive(warehouse: Warehouse, state: Path) -> int:
    """A good return, received."""
    put(state / "inbox", "return.xlsx", as_bytes(filled()), "received-2021-07-20")
    (number,) = admit.receive(
        warehouse.connection, contract("sanctuary"), Quarter.parse(QUARTER), state / "inbox", landing_folder()
    )
    return number


def empty_staging(warehouse: Warehouse, number: int) -> None:
    """What PostgreSQL does with unlogged tables when it starts again after a crash."""
    agreed = contract("sanctuary")
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        for table in agreed.tables:
            name = sql.Identifier("staging", staging_tables.staging_table(agreed, table, number))
            cursor.execute(sql.SQL("TRUNCATE {}").format(name))


@pytest.mark.parametrize("crash_after", ["stage", "validate"])
def test_a_crash_of_postgresql_loses_no_return(warehouse: Warehouse, state: Path, crash_after: str) -> None:
    connection, number = warehouse.connection, receive(warehouse, state)
    stage.stage(connection, number)
    if crash_after == "validate":
        assert validate.validate(connection, number)
    empty_staging(warehouse, number)
    stage.stage(connection, number)
    assert validate.validate(connection, number)
    assert load(connection, number)
    assert status(connection, number) == "accepted"
    assert query(connection, "SELECT sum(rows_read), sum(rows_loaded) FROM quality.row_reconciliation") == [(2, 2)]


def test_rows_that_are_gone_have_not_passed(warehouse: Warehouse, state: Path) -> None:
    number = receive(warehouse, state)
    stage.stage(warehouse.connection, number)
    empty_staging(warehouse, number)
    with pytest.raises(PermanentError, match="are gone: stage it again"):
        validate.validate(warehouse.connection, number)
    warehouse.connection.rollback()
    assert status(warehouse.connection, number) == "staged"


def test_a_file_that_ends_two_processes_is_refused(warehouse: Warehouse, state: Path) -> None:
    connection, number = warehouse.connection, receive(warehouse, state)
    query(connection, "UPDATE intake.submission SET tries = %s RETURNING tries", (stage.MAX_TRIES,))
    stage.stage(connection, number)
    assert status(connection, number) == "refused"
    assert [finding.rule_id for finding in findings(connection, number)] == ["INT-READ-01"]
    assert reply.reply_to_submission(connection, number)


def test_an_error_that_is_not_the_file_s_counts_as_no_try(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, number = warehouse.connection, receive(warehouse, state)

    def unmounted(*_: object) -> None:
        raise OSError("made up for this test")

    with monkeypatch.context() as patched:
        patched.setattr(stage.landing, "open_file", unmounted)
        for _ in range(stage.MAX_TRIES + 1):
            with pytest.raises(OSError, match="made up"):
                stage.stage(connection, number)
    stage.stage(connection, number)
    assert status(connection, number) == "staged"
