"""The totals that we read from an accepted return, for the partner to compare with its own and its last return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isnan

from psycopg2.extensions import cursor as Cursor

from sia.contract.model import WITHHELD, ColumnType, Contract, Table
from sia.warehouse.sql_files import rows

ROWS = "Rows"


@dataclass(frozen=True, slots=True)
class Total:
    """One total as text: its label, what we read, what the last return had, and the difference."""

    label: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class TotalsTable:
    """The totals of one sheet, or of the measures that the return feeds."""

    title: str
    totals: tuple[Total, ...]


def totals(cursor: Cursor, contract: Contract, submission_id: int, before_id: int | None = None) -> list[TotalsTable]:
    """The totals of an accepted submission: rows and sums of columns for each sheet, then its scorecard measures.

    A total of which a part is withheld is NaN.

    Args:
        cursor: of the transaction.
        contract: of its return.
        submission_id: the submission.
        before_id: the return that it is compared with, if there is one.
    """
    ids = {"submission_id": submission_id, "before_id": before_id}
    amounts: dict[tuple[int, str, str], Decimal | None] = {
        (row["submission_id"], row["table_name"], ROWS): row["rows_loaded"]
        for row in rows(cursor, "feedback/rows_read", ids)
    }
    for row in rows(cursor, "feedback/column_totals", ids):
        amounts[row["submission_id"], row["table_name"], row["column_name"]] = row["total"]
    tables = [_of_sheet(table, amounts, submission_id, before_id) for table in contract.tables]
    measures = rows(cursor, "feedback/counted", ids)
    now, before = (
        {row["title"]: row["value"] for row in measures if row["submission_id"] == number} for number in ids.values()
    )
    money = {row["title"] for row in measures if row["kind"] == "money"}
    if now:
        tables.append(_totals_table("What the scorecard counts", now, before, money))
    return tables


def _of_sheet(
    table: Table, amounts: Mapping[tuple[int, str, str], Decimal | None], submission_id: int, before_id: int | None
) -> TotalsTable:
    columns = [table.column(name) for name in table.adds_up]
    labels = {ROWS: ROWS, **{column.name: column.label for column in columns}}
    now, before = (
        {label: amounts.get((number or 0, table.name, name)) for name, label in labels.items()}
        for number in (submission_id, before_id)
    )
    money = {column.label for column in columns if column.type is ColumnType.MONEY}
    return _totals_table(table.sheet, now, before, money)


def _totals_table(
    title: str, now: Mapping[str, Decimal | None], before: Mapping[str, Decimal | None], money: Iterable[str]
) -> TotalsTable:
    pounds = set(money)
    return TotalsTable(
        title, tuple(_total(label, amount, before.get(label), label in pounds) for label, amount in now.items())
    )


def _total(label: str, now: Decimal | None, before: Decimal | None, pounds: bool) -> Total:
    return Total(label, format_amount(now, pounds), format_amount(before, pounds), _change(now, before, pounds))


def format_amount(amount: Decimal | None, pounds: bool) -> str:
    """An amount as people write it; a missing amount is never shown as zero."""
    if amount is None:
        return "none given"
    if isnan(amount):
        return WITHHELD
    return f"£{amount:,.2f}" if pounds else f"{amount:,.0f}"


def _change(now: Decimal | None, before: Decimal | None, pounds: bool) -> str:
    if now is None or before is None or isnan(now) or isnan(before):
        return "not compared"
    if now == before:
        return "the same"
    fewer = "less" if pounds else "fewer"
    return f"{format_amount(abs(now - before), pounds)} {'more' if now > before else fewer}"
