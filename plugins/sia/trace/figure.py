"""Trace a figure of the scorecard to its submissions, sheets, rows and rules.

The database (``marts.trace``) answers only roles with the right to trace. This module returns row numbers and the
results of rules, never the values in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import NamedTupleCursor

from sia.calendar import LONDON, Quarter, format_date
from sia.contract.model import WITHHELD
from sia.presentation.number_format import digits, format_number, unit_of
from sia.registers.measures import Measure, measures
from sia.scorecard.registry import Quantity
from sia.warehouse.sql_files import statement

_PARTS = {
    "count": ("The count", ""),
    "money": ("The amount", ""),
    "proportion": ("The number", "Out of"),
    "mean": ("The total", "Divided by"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """An entry of a list to choose from."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Options:
    """The measures by section of the scorecard, the areas and the quarters to choose from, in reading order."""

    measures: dict[str, list[Option]]
    areas: list[Option]
    quarters: list[Option]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet, or a file in an archive, adds. ``rows`` has the first and last number of each run of rows."""

    name: str
    rows: tuple[tuple[int, int], ...]
    row_count: str
    amount: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a submission was checked against: its message, and its result in words."""

    id: str
    message: str
    verdict: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A submission that a part of the figure comes from."""

    receipt: str
    title: str
    sender: str
    file: str
    received: str
    period: str
    amount: str
    sheets: tuple[Sheet, ...]
    rules: tuple[Rule, ...]

    @property
    def failed(self) -> tuple[Rule, ...]:
        """The rules that failed."""
        return tuple(rule for rule in self.rules if rule.failed)


@dataclass(frozen=True, slots=True)
class Part:
    """The numerator or the denominator."""

    title: str
    amount: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A figure and where it comes from. ``parts`` is empty if we received nothing."""

    measure: Option
    area: Option
    quarter: Quarter
    known: date | None
    figure: str
    explanation: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """The figure's name."""
        return f"{self.measure.label}, {self.area.label}, {self.quarter.label}"

    @property
    def year_before(self) -> tuple[Quarter, ...]:
        """The three quarters before, newest first."""
        return tuple(self.quarter.plus(-n) for n in (1, 2, 3))


def may_trace(connection: Connection) -> bool:
    """Whether the connection's role may trace figures (``include/sql/roles``)."""
    with connection.cursor() as cursor:
        cursor.execute(statement("trace/may"))
        (allowed,) = cursor.fetchone() or (False,)
    return bool(allowed)


def options(connection: Connection) -> Options:
    """The measures, areas and quarters to choose from."""
    sections: dict[str, list[Option]] = {}
    for row in _rows(connection, "measures", {}):
        sections.setdefault(row.section, []).append(Option(row.key, row.label))
    areas, quarters = ([Option(*row) for row in _rows(connection, name, {})] for name in ("areas", "quarters"))
    return Options(sections, areas, quarters)


def trace(
    connection: Connection, measure: str, area: str, quarter: Quarter, known: date | None = None
) -> Traced | None:
    """Trace a figure.

    Args:
        connection: as a role that may trace figures.
        measure: the id of a measure.
        area: the code of an area.
        quarter: the quarter.
        known: trace the figure as known at the end of this day. Not given: as known today.

    Returns:
        The figure; ``None`` if there is no such measure or area.
    """
    asked = {
        "measure": measure,
        "area": area,
        "quarter": quarter.key,
        "known_at": datetime.combine(known, time.max, LONDON) if known else "infinity",
    }
    figures, parts, rules = (_rows(connection, name, asked) for name in ("figure", "parts", "rules"))
    registered = next((listed for listed in measures() if listed.id == measure), None)
    if not figures or registered is None:
        return None
    (figure,) = figures
    return Traced(
        measure=Option(measure, figure.title),
        area=Option(area, figure.area_name),
        quarter=quarter,
        known=known,
        figure=_figure(registered, figure),
        explanation=tuple(_explanation(registered, figure)),
        parts=tuple(_parts(registered, parts, rules)),
    )


def runs(rows: Sequence[tuple[int, int]]) -> str:
    """Row numbers as text: ``5, 7–8``."""
    return ", ".join(f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in rows)


def _rows(connection: Connection, name: str, asked: dict[str, Any]) -> list[Any]:
    with connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
        cursor.execute(statement(f"trace/{name}"), asked)
        rows: list[Any] = cursor.fetchall()
    return rows


def _figure(measure: Measure, figure: Any) -> str:
    if figure.missing_reason:
        return "No figure: the sender withheld it, or a part of it. That is not zero."
    if figure.numerator is None:
        return "No figure: we received nothing. That is not zero."
    if figure.value is None:
        return "No figure: there is nothing to divide by." if figure.denominator == 0 else "No figure."
    words = format_number(measure, Quantity.FIGURE, float(figure.value))
    return words if measure.kind in ("proportion", "money") else f"{words} {unit_of(measure, words)}"


def _explanation(measure: Measure, figure: Any) -> Iterable[str]:
    if figure.numerator is None or figure.missing_reason:
        return
    if measure.denominator is not None and figure.denominator is not None:
        number, out_of = (
            _amount(measure, "numerator", figure.numerator),
            _amount(measure, "denominator", figure.denominator),
        )
        yield f"It is {number} divided by {out_of}, from unrounded amounts."
    if figure.rate_per_1000 is not None:
        yield (
            f"For each 1,000 residents: {digits(float(figure.rate_per_1000), 2)}, with {figure.residents:,} residents"
            f" (ONS mid-year estimate of {figure.residents_mid_year})."
        )
    if not figure.complete:
        yield "A month of the quarter is missing, so we show the figure but do not compare it."
    if figure.synthetic:
        yield "It uses synthetic sample returns."
    if figure.note:
        yield figure.note


def _parts(measure: Measure, parts: Sequence[Any], rules: Sequence[Any]) -> Iterable[Part]:
    by_submission = {
        number: tuple(_rule(rule) for rule in of_submission)
        for number, of_submission in groupby(rules, key=lambda rule: rule.submission_id)
    }
    for part, of_part in groupby(parts, key=lambda row: row.part):
        rows = list(of_part)
        yield Part(
            title=_PARTS[measure.kind][part == "denominator"],
            amount=_amount(measure, part, _sum(row.value for row in rows)),
            sources=tuple(
                _source(measure, part, list(sheets), by_submission)
                for _, sheets in groupby(rows, key=lambda row: row.receipt)
            ),
        )


def _source(measure: Measure, part: str, rows: Sequence[Any], rules: dict[int, tuple[Rule, ...]]) -> Source:
    first = rows[0]
    return Source(
        receipt=first.receipt,
        title=first.return_title,
        sender=first.source_name,
        file=first.file_name,
        received=format_date(first.received_at.astimezone(LONDON).date()),
        period=f"{format_date(min(row.starts_on for row in rows))} to {format_date(max(row.ends_on for row in rows))}",
        amount=_amount(measure, part, _sum(row.value for row in rows)),
        sheets=tuple(
            Sheet(
                name=row.sheet or "",
                rows=tuple((lower, upper) for lower, upper in row.rows),
                row_count=f"{row.row_count:,}",
                amount=_amount(measure, part, row.value),
            )
            for row in rows
            if row.row_count
        ),
        rules=rules.get(first.submission_id, ()),
    )


def _rule(row: Any) -> Rule:
    return Rule(id=row.rule_id, message=row.message, verdict=_verdict(row), failed=row.findings > 0)


def _verdict(row: Any) -> str:
    if not row.findings:
        return "No findings"
    many = "1 finding" if row.findings == 1 else f"{row.findings:,} findings"
    here = "none in these rows" if not row.findings_in_rows else f"{row.findings_in_rows:,} in these rows"
    return f"{many} in the return, {here}{', allowed by a waiver' if row.waived else ''}"


def _sum(amounts: Iterable[Any]) -> Any:
    """The sum of amounts; ``None``, which is withheld, if one of them is."""
    listed = list(amounts)
    return None if None in listed else sum(listed)


def _amount(measure: Measure, part: str, amount: Any) -> str:
    if amount is None:
        return WITHHELD
    quantity = Quantity.NUMBER if part == "numerator" else Quantity.OUT_OF
    return format_number(measure, quantity, float(amount))
