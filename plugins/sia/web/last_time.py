"""What a sender's own blank workbook has of its last return: totals to compare with, and rows that come again."""

from __future__ import annotations

from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import ColumnType, Contract, Table
from sia.contract.return_workbook import LastTime
from sia.feedback.totals import totals
from sia.warehouse.sql_files import rows


def last_return(cursor: Cursor, contract: Contract, source: str, quarter: Quarter) -> LastTime | None:
    """The newest accepted return in force of a sender before a quarter; None if there is none."""
    wanted = {"return_name": contract.name, "source": source, "quarter_key": quarter.key}
    newest = next(iter(rows(cursor, "desk/last_return", wanted)), None)
    if newest is None:
        return None
    number = newest["submission_id"]
    carried: dict[str, list[dict[str, Any]]] = {}
    for row in rows(cursor, "desk/carried_rows", {"submission_id": number}):
        table = contract.table(row["table_name"])
        entry = _typed(table, row["entry"])
        if table.carried_until is None or entry[table.carried_until] >= quarter.start:
            carried.setdefault(table.name, []).append(entry)
    return LastTime(
        quarter=Quarter.parse(newest["quarter_key"]),
        synthetic=newest["synthetic"],
        totals=[
            (sheet.title, total.label, total.now)
            for sheet in totals(cursor, contract, number)
            for total in sheet.totals
        ],
        rows=carried,
    )


def _typed(table: Table, entry: dict[str, Any]) -> dict[str, Any]:
    """The values of a row as a workbook has them: JSON has days as texts."""
    dates = {column.name for column in table.stored if column.type is ColumnType.DATE}
    return {name: date.fromisoformat(value) if name in dates and value else value for name, value in entry.items()}
