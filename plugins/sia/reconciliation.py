"""``make reconcile [FILE=…]``: what was published, beside what the warehouse held then, and beside its own arithmetic.

Nothing is bent: a figure agrees, agrees once it is rounded as printed, disagrees, or is not held; the list says which.
The file has a line a figure: ``id, measure, area, period, value`` and, where they are known, ``unit, source, known_on``
(the day of the report: the warehouse is asked what it knew then, else what it knows today) and ``computed_from``, which
names other figures of the file: ``sum F1 F2 …``, ``share F1 F2`` (F1 in per cent of F2) or ``change F1 F2`` (from F1 to
F2 in per cent). A measure ``…_change`` without it is taken for the change of ``…`` from the same period a year before.
"""

from __future__ import annotations

import csv
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia import geography, paths
from sia.calendar import LONDON, Quarter, quarters_between
from sia.errors import PermanentError
from sia.local.bootstrap import prepared
from sia.local.console import quiet, run_command
from sia.local.lock import exclusive
from sia.settings import settings
from sia.warehouse import database
from sia.warehouse.sql_files import statement

REGISTER = paths.REGISTERS / "published_figures.csv"
_YEAR = re.compile(r"\d{4}[-/]\d{2}")


class Outcome(StrEnum):
    """What comes of a comparison, in the order in which it is listed."""

    DISAGREES = "disagree"
    ROUNDS = "agree once rounded as printed"
    AGREES = "agree"
    NOT_HELD = "not held, so not compared"


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure."""

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
        """The end of the day of the report; None if it is not known."""
        return None if self.known_on is None else datetime.combine(self.known_on, time(23, 59, 59), LONDON)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure, what came of it, and why in words."""

    published: Published
    outcome: Outcome
    says: str


Held = Mapping[tuple[str, str, str], tuple[Decimal, Decimal | None]]
"""Numerator and denominator by measure, area and quarter, of what is held complete."""


def read(path: Path) -> list[Published]:
    """The figures of a file.

    Raises:
        PermanentError: there is no such file, or a line is not what it should be; the message says which.
    """
    if not path.is_file():
        raise PermanentError(f"there is no file {path}; give one with FILE=…")
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                found.append(
                    Published(
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
                    f"{path.name}, line {number}: wanted are id, measure, area, period and number; days as 2022-11-07"
                ) from None
    return found


def quarters(period: str) -> list[Quarter]:
    """The quarters of ``2019-20``, ``2019/20 Q4`` or ``2011-12Q4 to 2012-13Q3``; empty if it is something else."""
    first, _, last = period.partition(" to ")
    try:
        if _YEAR.fullmatch(period):
            return quarters_between(Quarter.parse(f"{period} Q1"), Quarter.parse(f"{period} Q4"))
        return quarters_between(Quarter.parse(first), Quarter.parse(last or first))
    except ValueError:
        return []


def area_code(text: str) -> str | None:
    """The code of an area that is given by its code or name; None if there is none."""
    wanted = text.strip().casefold()
    areas = geography.areas().values()
    for names in (
        {area.code: area.code for area in areas},
        {area.name: area.code for area in areas},
        {area.name.removesuffix(" CSP"): area.code for area in areas},
    ):
        for name, code in names.items():
            if name.casefold() == wanted:
                return code
    return None


def reconcile(figures: Sequence[Published], known: Mapping[date | None, Held]) -> list[Compared]:
    """Compare every figure: those computed from others by arithmetic, the others with what was held.

    Args:
        figures: the figures.
        known: what was held by the day of the reports, and under None what is held today.
    """
    by_id = {figure.id: figure for figure in figures}
    return [
        _computed(figure, how, by_id)
        if (how := figure.computed_from or _implied(figure, figures))
        else _held(figure, known)
        for figure in figures
    ]


def _implied(figure: Published, figures: Sequence[Published]) -> tuple[str, ...]:
    """How a change is computed where the file does not say; empty where it cannot be told."""
    measure = figure.measure.removesuffix("_change")
    if measure == figure.measure:
        return ()
    year_before = re.sub(r"\b\d{4}\b", lambda year: str(int(year[0]) - 1), figure.period)
    by_period = {each.period: each.id for each in figures if (each.measure, each.area) == (measure, figure.area)}
    parts = [by_period[period] for period in (year_before, figure.period) if period in by_period]
    return ("change", *parts) if len(parts) == 2 and year_before != figure.period else ()


def _computed(figure: Published, computed_from: tuple[str, ...], by_id: Mapping[str, Published]) -> Compared:
    how, *names = computed_from
    try:
        parts = [by_id[name].value for name in names]
        match how:
            case "sum":
                value = sum(parts, Decimal(0))
            case "share":
                value = 100 * parts[0] / parts[1]
            case "change":
                value = 100 * (parts[1] - parts[0]) / parts[0]
            case _:
                raise KeyError(how)
    except (KeyError, IndexError, ZeroDivisionError, InvalidOperation):
        return Compared(figure, Outcome.NOT_HELD, f"it cannot be computed as {' '.join(computed_from)!r}")
    given = ", ".join(f"{name} {part:,}" for name, part in zip(names, parts, strict=True))
    return _judged(figure, value, f"the {how} of {given}")


def _held(figure: Published, known: Mapping[date | None, Held]) -> Compared:
    area, asked = area_code(figure.area), quarters(figure.period)
    if area is None:
        return Compared(figure, Outcome.NOT_HELD, f"no area is called {figure.area!r}")
    if not asked:
        return Compared(figure, Outcome.NOT_HELD, f"{figure.period!r} is no financial year or quarter")
    then = _value(known[figure.known_on], figure.measure, area, asked)
    if then is None:
        return Compared(figure, Outcome.NOT_HELD, "not all of it was received, or it is no measure of the register")
    compared = _judged(figure, then, "the warehouse" + (f" on {figure.known_on}" if figure.known_on else ""))
    today = _value(known[None], figure.measure, area, asked)
    if today is None or today == then:
        return compared
    return Compared(figure, compared.outcome, f"{compared.says}; restated since, {_digits(today, figure.value)} today")


def _value(held: Held, measure: str, area: str, asked: Sequence[Quarter]) -> Decimal | None:
    found = [held[key] for each in asked if (key := (measure, area, each.key)) in held]
    if len(found) < len(asked):
        return None
    number = sum((number for number, _ in found), Decimal(0))
    if all(out_of is None for _, out_of in found):
        return number
    whole = sum((out_of or Decimal(0) for _, out_of in found), Decimal(0))
    return number / whole if whole else None


def _judged(figure: Published, value: Decimal, by: str) -> Compared:
    if value == figure.value:
        return Compared(figure, Outcome.AGREES, f"{by} gives {value:,}")
    rounded = value.quantize(figure.value, ROUND_HALF_UP)
    if rounded == figure.value:
        return Compared(figure, Outcome.ROUNDS, f"{by} gives {value:,.4f}")
    return Compared(figure, Outcome.DISAGREES, f"{by} gives {_digits(value, figure.value)}")


def _digits(value: Decimal, like: Decimal) -> str:
    return f"{value.quantize(like, ROUND_HALF_UP):,}"


def ask(connection: Connection, figures: Sequence[Published]) -> dict[date | None, Held]:
    """What the warehouse held on the day of each report, and holds today."""
    days = {figure.known_on: figure.known_at for figure in figures} | {None: None}
    found: dict[date | None, Held] = {}
    for known_on, known_at in days.items():
        with connection.cursor() as cursor:
            cursor.execute(statement("release/complete_known_at"), {"known_at": known_at or "infinity"})
            found[known_on] = {(m, a, q): (number, out_of) for m, a, q, number, out_of in cursor.fetchall()}
    connection.rollback()
    return found


def report(compared: Sequence[Compared]) -> list[str]:
    """The list: what disagrees first."""
    said = [", ".join(f"{sum(c.outcome is outcome for c in compared)} {outcome.value}" for outcome in Outcome) + "."]
    for outcome in Outcome:
        those = [each for each in compared if each.outcome is outcome]
        if those:
            said += ["", outcome.value.capitalize(), "-" * len(outcome.value)]
        for each in those:
            figure = each.published
            source = f". {figure.source}" if figure.source and outcome is not Outcome.AGREES else ""
            text = (
                f"{figure.id}  {figure.measure}, {figure.area}, {figure.period}: published {figure.value:,} "
                f"{figure.unit}; {each.says}{source}"
            )
            said += textwrap.wrap(text, 100, subsequent_indent="      ", break_long_words=False)
    return said


def main() -> None:
    """Reconcile the file that the environment names, or the register."""
    state = settings().state
    path = Path(os.environ.get("FILE", "").strip() or REGISTER).expanduser()
    figures = read(path)
    log = state / "log" / "reconcile.log"
    with exclusive(state, "make reconcile"), quiet(log) as console, prepared(state, console):
        with console.step("Asking the warehouse"), database.connection() as connection:
            known = ask(connection, figures)
        for line in ["", f"{len(figures)} published figures ({path.name})", *report(reconcile(figures, known))]:
            console.line(line)


if __name__ == "__main__":
    run_command(main)
