"""Returns that partners send: each file in the inbox goes through the real steps to its letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback import reply
from sia.intake import admit, stage
from sia.quality import validate
from sia.storage import landing
from sia.storage.folders import landing_folder
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.workbooks import QUARTER, as_bytes, put


def hand_in(
    warehouse: Warehouse,
    state: Path,
    book: Workbook | bytes,
    received: str,
    name: str = "return.xlsx",
    return_name: str = "sanctuary",
    sender: str | None = None,
    quarter: str = QUARTER,
) -> int:
    """Send a file on a day, and take it through every step to its letter. Returns the submission's id.

    ``state`` is the folder that ``SIA_STATE`` names. Only a file that does not name its ``sender`` needs one.
    """
    connection = warehouse.connection
    content = book if isinstance(book, bytes) else as_bytes(book)
    folders = [sender, f"received-{received}"] if sender else [f"received-{received}"]
    put(state / "inbox", name, content, *folders, return_name=return_name, quarter=quarter)
    admit.receive(connection, contract(return_name), Quarter.parse(quarter), state / "inbox", landing_folder())
    (number,) = query(connection, "SELECT max(submission_id) FROM intake.submission")[0]
    stage.stage(connection, number)
    validate.validate(connection, number)
    load(connection, number)
    connection.rollback()
    reply.reply_to_submission(connection, number)
    return int(number)


def attached_workbook(state: Path, name: str | None) -> bytes:
    """The workbook that goes with a letter. We keep it encrypted."""
    assert name is not None
    assert not (state / name).exists()
    with landing.open_file(state, name) as file:
        return file.read()


def query(connection: Connection, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query. Commits, so that a statement with RETURNING is kept."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
