"""Which months that we hold have changed in a newer archive: their rows are counted again, by kind and place.

The police change the latest outcome of most crimes every month. That alone is not a reason to load a month again.
"""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import Column, ColumnType, Contract
from sia.intake.readers import monthly_archive
from sia.intake.readers.monthly_archive import MonthlyMember
from sia.intake.rejection import FileRejected

Counts = Counter[tuple[str, ...]]
"""The number of rows by the values of some columns; a missing value is empty."""


def revised_members(
    connection: Connection,
    contract: Contract,
    package: zipfile.ZipFile,
    members: Iterable[MonthlyMember],
    versions: Mapping[str, int],
) -> list[MonthlyMember]:
    """The members whose rows, counted by the columns ``noticed_by`` of the contract, differ from those that we hold.

    Args:
        connection: to the warehouse; only read.
        contract: a contract with an archive.
        package: the newer archive.
        members: its files for months that we hold.
        versions: by month, the current return version.
    """
    names = contract.archive.noticed_by if contract.archive else ()
    columns = [contract.tables[0].column(name) for name in names]
    return [
        member
        for member in members
        if columns
        and _published(contract, package, member, columns)
        != _loaded(connection, contract, versions[member.month], columns)
    ]


def _published(
    contract: Contract, package: zipfile.ZipFile, member: MonthlyMember, columns: list[Column]
) -> Counts | None:
    """The counts of a monthly file; ``None`` if it cannot be read: its ingest says why."""
    codes = [_codes(column) for column in columns]
    try:
        with package.open(member.path) as stream:
            rows = monthly_archive.read_columns(contract, member, stream, [column.name for column in columns])
            return Counter(
                tuple(known.get(text.casefold(), text) for text, known in zip(row, codes, strict=True)) for row in rows
            )
    except (FileRejected, csv.Error, IndexError, UnicodeDecodeError):
        return None


def _codes(column: Column) -> dict[str, str]:
    if column.type is not ColumnType.CHOICE:
        return {}
    return {
        label.casefold(): choice.code for choice in column.code_list() for label in (choice.label, *choice.synonyms)
    }


def _loaded(connection: Connection, contract: Contract, version: int, columns: list[Column]) -> Counts:
    table = contract.tables[0]
    names = sql.SQL(", ").join(
        sql.SQL("coalesce({}, '')").format(sql.Identifier(table.fact_name(column))) for column in columns
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT count(*), {names} FROM {fact} WHERE return_version_id = %s GROUP BY {names}").format(
                names=names, fact=sql.Identifier("warehouse", table.fact.name)
            ),
            (version,),
        )
        return Counter({tuple(values): rows for rows, *values in cursor.fetchall()})
