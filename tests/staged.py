"""Staged submissions made of rows, as the intake leaves them, to check the rules on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from uuid import uuid4

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from sia.contract.model import Contract, Table, contract
from sia.warehouse import staging_tables

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
        case "tvp_outcomes", "outcomes":
            return [{**example, "crime_id": "0123456789abcdef" * 4}]
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
            "content_hash, size_bytes, received_at, synthetic, status) "
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
    staging_tables.create_staging(connection, agreed, table, submission_id)
    first = 1 if agreed.archive else FIRST_ROW
    numbered = list(enumerate(rows, start=first))
    months = [row.get("file_month") or row["month"] for row in rows] if agreed.archive else []
    with connection.cursor() as cursor:
        columns = ["row_number", *(["file_month"] if agreed.archive else []), *table.names]
        values = [
            (number, *months[index : index + 1], *(row[name] for name in table.names))
            for index, (number, row) in enumerate(numbered)
        ]
        if values:
            target = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
                sql.Identifier("staging", staging_tables.staging_table(agreed, table, submission_id)),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
            execute_values(cursor, target.as_string(cursor), values)
        for file in _files(agreed, table, [number for number, _ in numbered], months):
            cursor.execute(
                "INSERT INTO intake.staged_file (submission_id, table_name, file_number, sheet, file_month, first_row, "
                "last_row, line_offset, columns) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (submission_id, table.name, *file),
            )
        cursor.execute(
            "INSERT INTO quality.row_reconciliation (submission_id, table_name, rows_read, rows_staged) "
            "VALUES (%s, %s, %s, %s)",
            (submission_id, table.name, len(rows), len(rows)),
        )


def _files(
    agreed: Contract, table: Table, numbers: list[int], months: Sequence[str | None]
) -> Iterator[tuple[int, str, str | None, int, int, int, Json]]:
    """Number, name, month, first and last row, what makes a row's number its line, and the columns of each file."""
    if not agreed.archive:
        letters = dict(zip(table.names, ascii_uppercase, strict=False))
        yield 1, table.sheet, None, FIRST_ROW, FIRST_ROW + len(numbers) - 1, 0, Json(letters)
        return
    for file_number, month in enumerate(dict.fromkeys(months), start=1):
        inside = [number for number, of_month in zip(numbers, months, strict=True) if of_month == month]
        positions = {name: position for position, name in enumerate(table.names, start=1)}
        yield file_number, f"{month}-street.csv", month, inside[0], inside[-1], 2 - inside[0], Json(positions)
