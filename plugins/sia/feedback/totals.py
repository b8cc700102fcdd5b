"""What we read of an accepted return, in totals that the partner can hold against its own, beside its last return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from sia import geography
from sia.contract.model import Column, ColumnType, Table
from sia.feedback.decided_submission import Decision
from sia.warehouse.sql_files import rows

ROWS = "Rows"
_ADDED_UP = (ColumnType.INTEGER, ColumnType.MONEY)


@dataclass(frozen=True, slots=True)
class Line:
    """One total: what it is of, what we read, what the last return had, and the difference, in words."""

    label: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class Section:
    """The totals of one sheet, or of what the scorecard counts."""

    title: str
    lines: tuple[Line, ...]


def totals(cursor: Cursor, about: Decision) -> list[Section]:
    """The totals of an accepted submission: rows and sums of columns by sheet, then what the scorecard counts."""
    ids = {"submission_id": about.submission_id, "before_id": about.before.submission_id if about.before else None}
    sections = []
    counts = rows(cursor, "feedback/rows_read", ids)
    accounts = {(row["submission_id"], row["table_name"]): row["rows_loaded"] for row in counts}
    for table in about.contract.tables:
        now, before = ({ROWS: accounts.get((number, table.name))} for number in ids.values())
        now |= _sums(cursor, table, about.submission_id)
        if about.before:
            before |= _sums(cursor, table, about.before.submission_id)
        money = {column.label for column in _columns(table) if column.type is ColumnType.MONEY}
        sections.append(_section(table.sheet, now, before, money))
    counted = rows(cursor, "feedback/counted", ids)
    now, before = ({r["title"]: r["amount"] for r in counted if r["submission_id"] == n} for n in ids.values())
    money = {row["title"] for row in counted if row["kind"] == "money"}
    if now:
        sections.append(_section("What the scorecard counts", now, before, money))
    return sections


def _columns(table: Table) -> list[Column]:
    return [column for column in table.stored if column.type in _ADDED_UP]


def _sums(cursor: Cursor, table: Table, submission_id: int) -> dict[str, Decimal | None]:
    """The sum of each numeric column of a sheet, from the facts that it became, by the column's label."""
    parts = {column.label: part for column in _columns(table) if (part := _sum(column, _numbers(cursor, table)))}
    if not parts:
        return {}
    cursor.execute(
        sql.SQL(
            "SELECT {} FROM warehouse.return_version AS h JOIN {} AS f USING (return_version_id) WHERE"
            " h.submission_id = %s"
        ).format(sql.SQL(", ").join(parts.values()), sql.Identifier("warehouse", table.fact)),
        (submission_id,),
    )
    found = cursor.fetchone() or ()
    return dict(zip(parts, found, strict=True))


def _numbers(cursor: Cursor, table: Table) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'warehouse' AND table_name = %s"
        " AND data_type IN ('integer', 'numeric')",
        (table.fact,),
    )
    return [name for (name,) in cursor.fetchall()]


def _sum(column: Column, numbers: list[str]) -> sql.Composable | None:
    """The expression of a column's sum: of the fact's own column, or, where areas are columns, of an area's rows."""
    # A fact's name for money ends with its unit.
    own = f"{column.name}_gbp" if column.type is ColumnType.MONEY else column.name
    if own in numbers:
        return sql.SQL("sum(f.{})").format(sql.Identifier(own))
    area = next((area for area in geography.areas().values() if area.column == column.name), None)
    if area is None or area.members or len(numbers) != 1:
        return None
    of_area = sql.SQL("sum(f.{}) FILTER (WHERE f.area_code = {})")
    return of_area.format(sql.Identifier(numbers[0]), sql.Literal(area.code))


def _section(
    title: str, now: Mapping[str, Decimal | None], before: Mapping[str, Decimal | None], money: Iterable[str]
) -> Section:
    pounds = set(money)
    lines = (_line(label, amount, before.get(label), label in pounds) for label, amount in now.items())
    return Section(title, tuple(lines))


def _line(label: str, now: Decimal | None, before: Decimal | None, pounds: bool) -> Line:
    return Line(label, shown(now, pounds), shown(before, pounds), _change(now, before, pounds))


def shown(amount: Decimal | None, pounds: bool) -> str:
    """An amount as people write it; what is missing is never zero."""
    if amount is None:
        return "none given"
    return f"£{amount:,.2f}" if pounds else f"{amount:,.0f}"


def _change(now: Decimal | None, before: Decimal | None, pounds: bool) -> str:
    if now is None or before is None:
        return "not compared"
    if now == before:
        return "the same"
    fewer = "less" if pounds else "fewer"
    return f"{shown(abs(now - before), pounds)} {'more' if now > before else fewer}"
