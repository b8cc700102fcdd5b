"""Compare published figures with what the warehouse knew at the time, and with their own arithmetic.

A figure agrees, agrees once rounded as printed, disagrees, or is not compared. We never change a figure to fit.

A file has one line for each figure: ``id, measure, area, period, value``, and optionally what follows. Instead of a
measure it may name a component of a return, as ``return.component``.

- ``unit`` and ``source``
- ``known_on``: the day of the report. We compare the figure with what the warehouse knew on that day. Without it, we
  compare with what the warehouse knows today.
- ``computed_from``: how to compute the figure from others in the file. ``sum F1 F2 …``, ``share F1 F2`` (F1 as a
  percentage of F2) or ``change F1 F2`` (from F1 to F2, in per cent). Without it, a measure ``…_change`` is compared
  with the change of the measure ``…`` from the same period a year before.
"""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia import geography
from sia.calendar import LONDON, Quarter, quarters_between
from sia.errors import PermanentError
from sia.register_file import register_path
from sia.warehouse.sql_files import statement

_YEAR = re.compile(r"\d{4}[-/]\d{2}")


class ReconciliationOutcome(StrEnum):
    """The outcomes of a comparison, in the order of the report."""

    DISAGREES = "disagree"
    ROUNDS = "agree once rounded as printed"
    AGREES = "agree"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A published figure."""

    id: str
    measure: str
    area: str
    period: str
    value: Decimal
    unit: str = ""
    source: str = ""
    known_on: date | None = None
    computed_from: tuple[str, ...] = ()

    @property
    def known_at(self) -> datetime | None:
        """The end of the day of the report; ``None`` if it is not known."""
        return None if self.known_on is None else datetime.combine(self.known_on, time(23, 59, 59), LONDON)


@dataclass(frozen=True, slots=True)
class ReconciledFigure:
    """A published figure, the outcome of its comparison, and the reason in words."""

    published: PublishedFigure
    outcome: ReconciliationOutcome
    reason: str


KnownAmounts = Mapping[tuple[str, str, str], tuple[Decimal, Decimal | None]]
"""Numerator and denominator by measure, area and quarter, where the quarter is complete."""


def register() -> Path:
    """The register of published figures."""
    return register_path("published_figures.csv")


def read(path: Path) -> list[PublishedFigure]:
    """The figures in a file.

    Raises:
        PermanentError: there is no such file, or we cannot read a line; the message names it.
    """
    if not path.is_file():
        raise PermanentError(f"There is no file {path}.")
    figures = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                figures.append(
                    PublishedFigure(
                        id=row["id"],
                        measure=row["measure"],
                        area=row["area"],
                        period=row["period"],
                        value=Decimal(row["value"]),
                        unit=row.get("unit") or "",
                        source=row.get("source") or "",
                        known_on=date.fromisoformat(row["known_on"]) if row.get("known_on") else None,
                        computed_from=tuple((row.get("computed_from") or "").split()),
                    )
                )
            except (KeyError, TypeError, ValueError, InvalidOperation):
                raise PermanentError(
                    f"{path.name}, line {number}: enter id, measure, area, period and a number. "
                    "Write days as 2022-11-07."
                ) from None
    return figures


def quarters(period: str) -> list[Quarter]:
    """The quarters of ``2019-20``, ``2019/20 Q4`` or ``2011-12Q4 to 2012-13Q3``; empty for any other text."""
    first, _, last = period.partition(" to ")
    try:
        if _YEAR.fullmatch(period):
            return quarters_between(Quarter.parse(f"{period} Q1"), Quarter.parse(f"{period} Q4"))
        return quarters_between(Quarter.parse(first), Quarter.parse(last or first))
    except ValueError:
        return []


def area_code(text: str) -> str | None:
    """The code of the area with this code or name; ``None`` if there is none."""
    searched = text.strip().casefold()
    areas = geography.areas().values()
    for names in (
        {area.code: area.code for area in areas},
        {area.name: area.code for area in areas},
        {area.name.removesuffix(" CSP"): area.code for area in areas},
    ):
        for name, code in names.items():
            if name.casefold() == searched:
                return code
    return None


def reconcile(figures: Sequence[PublishedFigure], known: Mapping[date | None, KnownAmounts]) -> list[ReconciledFigure]:
    """Compare computed figures with their arithmetic, and all others with what the warehouse knew.

    Args:
        figures: the figures.
        known: what the warehouse knew on the day of each report, and under ``None`` what it knows today.
    """
    by_id = {figure.id: figure for figure in figures}
    return [
        _compare_computed(figure, formula, by_id)
        if (formula := figure.computed_from or _implied_formula(figure, figures))
        else _compare_known(figure, known)
        for figure in figures
    ]


def _implied_formula(figure: PublishedFigure, figures: Sequence[PublishedFigure]) -> tuple[str, ...]:
    """How a change is computed if the file does not say; empty if we cannot tell."""
    measure = figure.measure.removesuffix("_change")
    if measure == figure.measure:
        return ()
    year_before = re.sub(r"\b\d{4}\b", lambda year: str(int(year[0]) - 1), figure.period)
    by_period = {other.period: other.id for other in figures if (other.measure, other.area) == (measure, figure.area)}
    parts = [by_period[period] for period in (year_before, figure.period) if period in by_period]
    return ("change", *parts) if len(parts) == 2 and year_before != figure.period else ()


def _compare_computed(
    figure: PublishedFigure, formula: tuple[str, ...], by_id: Mapping[str, PublishedFigure]
) -> ReconciledFigure:
    operation, *names = formula
    try:
        parts = [by_id[name].value for name in names]
        match operation:
            case "sum":
                value = sum(parts, Decimal(0))
            case "share":
                value = 100 * parts[0] / parts[1]
            case "change":
                value = 100 * (parts[1] - parts[0]) / parts[0]
            case _:
                raise KeyError(operation)
    except (KeyError, IndexError, ZeroDivisionError, InvalidOperation):
        return _not_compared(figure, f"it cannot be computed as {' '.join(formula)!r}")
    operands = ", ".join(f"{name} {part:,}" for name, part in zip(names, parts, strict=True))
    return _compare(figure, value, f"the {operation} of {operands}")


def _compare_known(figure: PublishedFigure, known: Mapping[date | None, KnownAmounts]) -> ReconciledFigure:
    area, period = area_code(figure.area), quarters(figure.period)
    if area is None:
        return _not_compared(figure, f"there is no area {figure.area!r}")
    if not period:
        return _not_compared(figure, f"{figure.period!r} is not a financial year or quarter")
    then = _value(known[figure.known_on], figure.measure, area, period)
    if then is None:
        return _not_compared(figure, "the period was not received in full, or the measure is not in the register")
    compared = _compare(figure, then, "the warehouse" + (f" on {figure.known_on}" if figure.known_on else ""))
    today = _value(known[None], figure.measure, area, period)
    if today is None or today == then:
        return compared
    restated = f"{compared.reason}; restated since, {_digits(today, figure.value)} today"
    return ReconciledFigure(figure, compared.outcome, restated)


def _value(known: KnownAmounts, measure: str, area: str, period: Sequence[Quarter]) -> Decimal | None:
    amounts = [known[key] for quarter in period if (key := (measure, area, quarter.key)) in known]
    if len(amounts) < len(period):
        return None
    numerator = sum((numerator for numerator, _ in amounts), Decimal(0))
    if all(denominator is None for _, denominator in amounts):
        return numerator
    denominator = sum((denominator or Decimal(0) for _, denominator in amounts), Decimal(0))
    return numerator / denominator if denominator else None


def _compare(figure: PublishedFigure, value: Decimal, source: str) -> ReconciledFigure:
    if value == figure.value:
        return ReconciledFigure(figure, ReconciliationOutcome.AGREES, f"{source} gives {value:,}")
    if value.quantize(figure.value, ROUND_HALF_UP) == figure.value:
        return ReconciledFigure(figure, ReconciliationOutcome.ROUNDS, f"{source} gives {value:,.4f}")
    return ReconciledFigure(figure, ReconciliationOutcome.DISAGREES, f"{source} gives {_digits(value, figure.value)}")


def _not_compared(figure: PublishedFigure, reason: str) -> ReconciledFigure:
    return ReconciledFigure(figure, ReconciliationOutcome.NOT_COMPARED, reason)


def _digits(value: Decimal, like: Decimal) -> str:
    return f"{value.quantize(like, ROUND_HALF_UP):,}"


def known_figures(connection: Connection, figures: Sequence[PublishedFigure]) -> dict[date | None, KnownAmounts]:
    """What the warehouse knew on the day of each report, and under ``None`` what it knows today."""
    days = {figure.known_on: figure.known_at for figure in figures} | {None: None}
    components = sorted({figure.measure for figure in figures if "." in figure.measure})
    known: dict[date | None, KnownAmounts] = {}
    for known_on, known_at in days.items():
        with connection.cursor() as cursor:
            values = {"known_at": known_at or "infinity", "components": components}
            cursor.execute(statement("release/complete_known_at"), values)
            known[known_on] = {(m, a, q): (number, out_of) for m, a, q, number, out_of in cursor.fetchall()}
    connection.rollback()
    return known


def report(reconciled: Sequence[ReconciledFigure]) -> list[str]:
    """The lines of the report: counts, then every figure. Figures that disagree come first."""
    counts = (f"{sum(r.outcome is outcome for r in reconciled)} {outcome.value}" for outcome in ReconciliationOutcome)
    lines = [", ".join(counts) + "."]
    for outcome in ReconciliationOutcome:
        chosen = [figure for figure in reconciled if figure.outcome is outcome]
        if chosen:
            lines += ["", outcome.value.capitalize(), "-" * len(outcome.value)]
        for compared in chosen:
            figure = compared.published
            source = f". {figure.source}" if figure.source and outcome is not ReconciliationOutcome.AGREES else ""
            text = (
                f"{figure.id}  {figure.measure}, {figure.area}, {figure.period}: published {figure.value:,} "
                f"{figure.unit}; {compared.reason}{source}"
            )
            lines += textwrap.wrap(text, 100, subsequent_indent="      ", break_long_words=False)
    return lines
