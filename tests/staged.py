"""Staged submissions made from rows, as the intake leaves them, so that a test can check rules on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from uuid import uuid4

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from sia.calendar import Quarter
from sia.contract.model import Contract, Table, contract
from sia.warehouse import staging_tables

Row = dict[str, str | None]
FIRST_ROW = 5
QUARTER = "2021-22Q1"


@dataclass(frozen=True)
class StoredFinding:
    """A finding in the database."""

    rule_id: str
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None


def good_rows(return_name: str, table_name: str) -> list[Row]:
    """Rows of a table that keep every rule: the contract's examples, made to agree with each other."""
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


def whole_rows(return_name: str, table_name: str, quarter: str = QUARTER) -> list[Row]:
    """The good rows of a table, and every other row that its blank workbook has, which count as little as may be."""
    table, rows = contract(return_name).table(table_name), good_rows(return_name, table_name)
    try:
        wanted = table.prefilled_rows(Quarter.parse(quarter))
    except ValueError:  # a test's wrong quarter
        return rows
    present = {tuple(row[name] for name in table.prefill) for row in rows}
    numbers = {column.name: "0" for column in table.columns if column.type.is_number}
    # No group of crime may be larger than all of it.
    least = {} if return_name == "tvp_counts" else numbers
    return rows + [
        {**rows[0], **least, **dict(zip(table.prefill, labels, strict=True))}
        for labels in wanted
        if labels not in present
    ]


def stage_rows(
    connection: Connection, return_name: str, rows: Mapping[str, Sequence[Row]] | None = None, quarter: str = QUARTER
) -> int:
    """Stage a submission, and commit. A table without rows of its own gets its good rows.

    A workbook's data begin in cell A5. An archive has a file for each month of its rows.
    """
    return_contract = contract(return_name)
    key = uuid4().hex
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as, "
            "content_hash, size_bytes, received_at, synthetic, status) "
            "VALUES (%s, %s, %s, %s, 'x', 'x', %s, 1, clock_timestamp(), true, 'staged') RETURNING submission_id",
            (key, return_name, next(iter(return_contract.senders)), quarter, key * 2),
        )
        submission_id = int(cursor.fetchone()[0])  # type: ignore[index]
        for table in return_contract.tables:
            table_rows = (rows or {}).get(table.name)
            if table_rows is None:
                table_rows = good_rows(return_name, table.name)
            _stage_table(connection, return_contract, table, submission_id, table_rows)
    connection.commit()
    return submission_id


def findings(connection: Connection, submission_id: int) -> list[StoredFinding]:
    """The findings of a submission, in the order of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule_id, sheet, row_number, column_name, cell FROM quality.finding "
            "WHERE submission_id = %s ORDER BY row_number, rule_id",
            (submission_id,),
        )
        return [StoredFinding(*row) for row in cursor.fetchall()]


def status(connection: Connection, submission_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM intake.submission WHERE submission_id = %s", (submission_id,))
        return str(cursor.fetchone()[0])  # type: ignore[index]


def _stage_table(
    connection: Connection, return_contract: Contract, table: Table, submission_id: int, rows: Sequence[Row]
) -> None:
    staging_tables.create_staging(connection, return_contract, table, submission_id)
    first = 1 if return_contract.archive else FIRST_ROW
    numbered_rows = list(enumerate(rows, start=first))
    months = [row.get("file_month") or row["month"] for row in rows] if return_contract.archive else []
    with connection.cursor() as cursor:
        columns = ["row_number", *(["file_month"] if return_contract.archive else []), *table.names]
        values = [
            (number, *months[index : index + 1], *(row[name] for name in table.names))
            for index, (number, row) in enumerate(numbered_rows)
        ]
        if values:
            target = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
                sql.Identifier("staging", staging_tables.staging_table(return_contract, table, submission_id)),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
            execute_values(cursor, target.as_string(cursor), values)
        for file in _files(return_contract, table, [number for number, _ in numbered_rows], months):
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
    return_contract: Contract, table: Table, numbers: list[int], months: Sequence[str | None]
) -> Iterator[tuple[int, str, str | None, int, int, int, Json]]:
    """For each file: number, name, month, first row, last row, what makes a row number a line number, and columns."""
    if not return_contract.archive:
        letters = dict(zip(table.names, ascii_uppercase, strict=False))
        yield 1, table.sheet, None, FIRST_ROW, FIRST_ROW + len(numbers) - 1, 0, Json(letters)
        return
    positions = {name: position for position, name in enumerate(table.names, start=1)}
    for file_number, month in enumerate(dict.fromkeys(months), start=1):
        of_month = [number for number, its_month in zip(numbers, months, strict=True) if its_month == month]
        yield file_number, f"{month}-street.csv", month, of_month[0], of_month[-1], 2 - of_month[0], Json(positions)
