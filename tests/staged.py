"""Staged submissions made of rows, as the intake leaves them, to check the rules on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from uuid import uuid4

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from sia.contract.model import Contract, Table, contract
from sia.intake import ddl

Row = dict[str, str | None]
FIRST_ROW = 5
QUARTER = "2021-22Q1"


@dataclass(frozen=True)
class Found:
    """One stored finding."""

    rule_id: str
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None


def good_rows(return_name: str, table_name: str) -> list[Row]:
    """Rows of a table that no rule finds fault with: the examples of the contract, made to agree with each other."""
    table = contract(return_name).table(table_name)
    example: Row = {column.name: column.example for column in table.stored}
    match return_name, table_name:
        case "tvp_counts", "counts":
            return [{**example, "month": f"2021-{month:02d}"} for month in (4, 5, 6)]
        case "odas", "contacts":
            categories = ("All contacts", "Sex: female", "Age: 18 to 25", "Referred by: police")
            return [{**example, "category": category, "service_total": "96"} for category in categories]
        case "odas", "services":
            return [{**example, "service_total": "96"}]
        case "tvp_crime", "street":
            return [
                {**example, "crime_id": "0123456789abcdef" * 4, "last_outcome": "Under investigation"},
                {**example, "crime_id": None, "crime_type": "Anti-social behaviour", "last_outcome": None},
            ]
        case _:
            return [example]


def stage(
    connection: Connection, return_name: str, rows: Mapping[str, Sequence[Row]] | None = None, quarter: str = QUARTER
) -> int:
    """A staged submission; a table for which no rows are given has its good rows. Committed.

    Workbooks have their data from row 5 and their columns from A. An archive has its rows in a file a month.
    """
    agreed = contract(return_name)
    key = uuid4().hex
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as, "
            "content_hash, size_bytes, received_at, made_up, status) "
            "VALUES (%s, %s, %s, %s, 'x', 'x', %s, 1, clock_timestamp(), true, 'staged') RETURNING submission_id",
            (key, return_name, next(iter(agreed.senders)), quarter, key * 2),
        )
        submission_id = int(cursor.fetchone()[0])  # type: ignore[index]
        for table in agreed.tables:
            given = (rows or {}).get(table.name)
            _fill(
                connection, agreed, table, submission_id, good_rows(return_name, table.name) if given is None else given
            )
    connection.commit()
    return submission_id


def findings(connection: Connection, submission_id: int) -> list[Found]:
    """The stored findings of a submission, in the order of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule_id, sheet, row_number, column_name, cell FROM quality.finding "
            "WHERE submission_id = %s ORDER BY row_number, rule_id",
            (submission_id,),
        )
        return [Found(*row) for row in cursor.fetchall()]


def status(connection: Connection, submission_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM intake.submission WHERE submission_id = %s", (submission_id,))
        return str(cursor.fetchone()[0])  # type: ignore[index]


def _fill(connection: Connection, agreed: Contract, table: Table, submission_id: int, rows: Sequence[Row]) -> None:
    ddl.create_staging(connection, agreed, table, submission_id)
    name = sql.Identifier("staging", ddl.staging_table(agreed, table, submission_id))
    months = [row.get("file_month") or row["month"] for row in rows] if agreed.archive else []
    if agreed.archive:
        files = [(month, [n for n, m in enumerate(months, start=1) if m == month]) for month in dict.fromkeys(months)]
        staged = [
            (
                n,
                f"{month}-street.csv",
                numbers[0],
                numbers[-1],
                2 - numbers[0],
                {c: str(i) for i, c in enumerate(table.names, 1)},
            )
            for n, (month, numbers) in enumerate(files, start=1)
        ]
        columns = ["row_number", "file_month", *table.names]
        values = [
            (n, month, *(row[c] for c in table.names))
            for n, (month, row) in enumerate(zip(months, rows, strict=True), 1)
        ]
    else:
        staged = [
            (
                1,
                table.sheet,
                FIRST_ROW,
                FIRST_ROW + len(rows) - 1,
                0,
                dict(zip(table.names, ascii_uppercase, strict=False)),
            )
        ]
        columns = ["row_number", *table.names]
        values = [(n, *(row[c] for c in table.names)) for n, row in enumerate(rows, start=FIRST_ROW)]
    with connection.cursor() as cursor:
        if values:
            target = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
                name, sql.SQL(", ").join(sql.Identifier(column) for column in columns)
            )
            execute_values(cursor, target.as_string(cursor), values)
        for number, sheet, first, last, offset, letters in staged:
            cursor.execute(
                "INSERT INTO intake.staged_file (submission_id, table_name, file_number, sheet, first_row, last_row, "
                "line_offset, columns) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (submission_id, table.name, number, sheet, first, last, offset, Json(letters)),
            )
        cursor.execute(
            "INSERT INTO quality.row_account (submission_id, table_name, rows_read, rows_staged) "
            "VALUES (%s, %s, %s, %s)",
            (submission_id, table.name, len(rows), len(rows)),
        )
