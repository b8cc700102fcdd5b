"""Months with an entry that the publisher has added to a list: we leave each out, and load the others.

Nobody can say what a new kind of crime counts as, so nothing is loaded under another. The unit adds it to the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia.contract.model import Column, Contract
from sia.finding import Finding
from sia.intake.readers.tables import is_quotable
from sia.intake.rejection import make_finding
from sia.personal_data import personal_data_in
from sia.warehouse import staging_tables

# A publisher adds one kind, or a few. More different texts are a mistake in the file, and the column's rule refuses it.
_MAX_NEW_ENTRIES = 5


@dataclass(frozen=True, slots=True)
class _NewEntry:
    """An entry that the contract does not know, in one month: its text, and how many rows have it, and the first."""

    column: Column
    text: str
    month: str
    sheet: str
    rows: int
    first_line: int


def leave_out_months(cursor: Cursor, contract: Contract, submission_id: int) -> tuple[list[Finding], int]:
    """Remove the months with a new entry from the staged rows of an archive.

    Many entries, or one that may be anything but a word of a list, stay: the column's rule refuses the archive.

    Returns:
        The findings, which refuse the archive if no month is left, and the number of rows removed.

    Raises:
        ValueError: the contract has no archive.
    """
    if contract.archive is None:
        raise ValueError(f"{contract.name} takes no archive")
    lists = [contract.tables[0].column(name) for name in contract.archive.open_lists]
    entries = [entry for column in lists for entry in _new_entries(cursor, contract, column, submission_id)]
    if not 0 < len({entry.text for entry in entries}) <= _MAX_NEW_ENTRIES:
        return [], 0
    months = {"submission_id": submission_id, "months": [entry.month for entry in entries]}
    cursor.execute(
        sql.SQL("DELETE FROM {} WHERE file_month = ANY (%(months)s)").format(_staging(contract, submission_id)), months
    )
    rows = cursor.rowcount
    cursor.execute(
        "DELETE FROM intake.staged_file WHERE submission_id = %(submission_id)s AND file_month = ANY (%(months)s)",
        months,
    )
    cursor.execute("SELECT EXISTS (SELECT FROM intake.staged_file WHERE submission_id = %(submission_id)s)", months)
    is_any_left = cursor.fetchone() == (True,)
    return list(_findings(contract, "INT-ARCHIVE-11" if is_any_left else "INT-ARCHIVE-12", entries)), rows


def _staging(contract: Contract, submission_id: int) -> sql.Identifier:
    return sql.Identifier("staging", staging_tables.staging_table(contract, contract.tables[0], submission_id))


def _new_entries(cursor: Cursor, contract: Contract, column: Column, submission_id: int) -> list[_NewEntry]:
    cursor.execute(
        sql.SQL(
            "SELECT n.entry, n.file_month, f.sheet, n.rows, n.row_number + f.line_offset FROM ("
            "SELECT min({column}) AS entry, file_month, count(*) AS rows, min(row_number) AS row_number FROM {staging}"
            " WHERE {is_unknown} GROUP BY lower({column}), file_month) AS n"
            " INNER JOIN intake.staged_file AS f ON f.submission_id = %s AND f.file_month = n.file_month"
            " ORDER BY n.file_month, n.entry"
        ).format(
            column=sql.Identifier(column.name),
            staging=_staging(contract, submission_id),
            is_unknown=staging_tables.is_unknown_choice(column),
        ),
        (submission_id,),
    )
    entries = [_NewEntry(column, *row) for row in cursor.fetchall()]
    return [entry for entry in entries if is_quotable(entry.text) and not personal_data_in(entry.text)]


def _findings(contract: Contract, rule_id: str, entries: list[_NewEntry]) -> Iterator[Finding]:
    for entry in entries:
        same = [other for other in entries if (other.column, other.text) == (entry.column, entry.text)]
        yield make_finding(
            rule_id,
            table=contract.tables[0].name,
            sheet=entry.sheet,
            row=entry.first_line,
            column=entry.column.name,
            answer=entry.text,
            heading=entry.column.label,
            month=f"{date.fromisoformat(f'{same[0].month}-01'):%B %Y}",
            rows=sum(other.rows for other in same),
            place=f"{entry.column.name} in expectations/{contract.name}.yml",
            example=re.sub(r"[^a-z0-9]+", "_", entry.text.casefold()).strip("_"),
        )
