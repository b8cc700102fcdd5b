"""``sia restricted``: write the restricted editions of partnerships' reports."""

from __future__ import annotations

from datetime import datetime

from sia.calendar import LONDON, Quarter
from sia.errors import PermanentError
from sia.local.bootstrap import local_warehouse
from sia.papers.make import board_of_reports
from sia.papers.restricted import restricted_reports
from sia.settings import settings
from sia.warehouse import database


def restricted(quarter_key: str) -> None:
    """Write the restricted editions of a quarter, and print where they are.

    Raises:
        PermanentError: this is not a quarter, it has no release, or no agreement is in force.
    """
    try:
        quarter = Quarter.parse(quarter_key)
    except ValueError as error:
        raise PermanentError(str(error)) from None
    folder, today = settings().state / "restricted", datetime.now(LONDON).date()
    with local_warehouse("make restricted") as console, database.connection() as connection:
        for path in restricted_reports(connection, quarter, folder, board_of_reports(quarter), today):
            console.line(f"Written, for its readers only: {path}")
