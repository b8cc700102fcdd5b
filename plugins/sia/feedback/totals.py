"""The totals that we read from an accepted return, for the partner to compare with its own and its last return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isnan

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia.contract.model import WITHHELD, Column, ColumnType, Table
from sia.feedback.decided_submission import DecidedSubmission
from sia.warehouse.facts import reason_name
from sia.warehouse.sql_files import rows

ROWS = "Rows"
_ADDED_UP = (ColumnType.INTEGER, ColumnType.MONEY)


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


def totals(cursor: Cursor, about: DecidedSubmission) -> list[TotalsTable]:
    """The totals of an accepted submission: rows and sums of columns for each sheet, then its scorecard measures.

    A total of which a part is withheld is NaN.
    """
    earlier = about.earlier
    ids = {"submission_id": about.submission_id, "before_id": earlier.submission_id if earlier else None}
    tables = []
    row_counts = {
        (row["submission_id"], row["table_name"]): row["rows_loaded"] for row in rows(cursor, "feedback/rows_read", ids)
    }
    for table in about.contract.tables:
        now, before = ({ROWS: row_counts.get((number, table.name))} for number in ids.values())
        now |= _sums(cursor, table, about.submission_id)
        if earlier:
            before |= _sums(cursor, table, earlier.submission_id)
        money = {column.label for column in _columns(table) if column.type is ColumnType.MONEY}
        tables.append(_totals_table(table.sheet, now, before, money))
    measures = rows(cursor, "feedback/counted", ids)
    now, before = (
        {row["title"]: row["value"] for row in measures if row["submission_id"] == number} for number in ids.values()
    )
    money = {row["title"] for row in measures if row["kind"] == "money"}
    if now:
        tables.append(_totals_table("What the scorecard counts", now, before, money))
    return tables


def _columns(table: Table) -> list[Column]:
    return [column for column in table.stored if column.type in _ADDED_UP]


def _sums(cursor: Cursor, table: Table, submission_id: int) -> dict[str, Decimal | None]:
    """The sum of each numeric column of a sheet, from the facts that were loaded, by the column's label."""
    parts = {column.label: part for column in _columns(table) if (part := _sum(table, column))}
    if not parts:
        return {}
    cursor.execute(
        sql.SQL(
            "SELECT {} FROM warehouse.return_version AS h JOIN {} AS f USING (return_version_id) WHERE"
            " h.submission_id = %s"
        ).format(sql.SQL(", ").join(parts.values()), sql.Identifier("warehouse", table.fact.name)),
        (submission_id,),
    )
    sums = cursor.fetchone() or ()
    return dict(zip(parts, sums, strict=True))


def _sum(table: Table, column: Column) -> sql.Composable | None:
    """The SQL for a column's sum: over the fact's column, or, where areas are columns, over the rows of one area."""
    if column.name in table.fact.only_checked:
        return None
    area = table.area_columns.get(column.name)
    name = (table.fact.area_columns or "") if area else table.fact_name(column)
    of_area = sql.SQL(" FILTER (WHERE f.area_code = {})").format(sql.Literal(area.code)) if area else sql.SQL("")
    total = sql.SQL("sum({}){}").format(sql.Identifier("f", name), of_area)
    if not column.may_be_withheld:
        return total
    withheld = sql.SQL("count({}){}").format(sql.Identifier("f", reason_name(name)), of_area)
    return sql.SQL("CASE {} WHEN 0 THEN {} ELSE 'NaN'::numeric END").format(withheld, total)


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
