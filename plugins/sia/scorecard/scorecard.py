"""The scorecard of a quarter: every measure in every area, compared with itself a year before.

Pure: frames in, frames out. What cannot be known is missing (NaN) and says why in a status; it is never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isnan, nan
from typing import Any

import pandas as pd

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.geography import Area, AreaType
from sia.measures.register import Measure
from sia.scorecard.population import Residents, residents
from sia.scorecard.statistics import Interval, proportion_interval, rate, rate_interval

QUARTERS_SHOWN = 8
"""A quarter and the seven before it: two rolling years, the same quarter last year, and the trend picture."""


class Status(StrEnum):
    """What can be said of an amount."""

    REPORTED = "reported"
    INCOMPLETE = "incomplete"
    NOT_RECEIVED = "not received"
    NOT_APPLICABLE = "not applicable"


PERIODS = ("quarter", "last_year", "year", "year_before")
"""The quarter, the same quarter last year, the twelve months to the quarter's end, the twelve before them."""

RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "quarter_number": ("quarter",),
    "quarter_out_of": ("quarter",),
    "quarter_figure": ("quarter",),
    "rate": ("quarter",),
    "lower": ("quarter",),
    "upper": ("quarter",),
    "last_year_number": ("last_year",),
    "last_year_out_of": ("last_year",),
    "last_year_figure": ("last_year",),
    "change": ("quarter", "last_year"),
    "change_percent": ("quarter", "last_year"),
    "year_number": ("year",),
    "year_out_of": ("year",),
    "year_figure": ("year",),
    "year_before_number": ("year_before",),
    "year_before_out_of": ("year_before",),
    "year_before_figure": ("year_before",),
    "year_change": ("year", "year_before"),
    "year_change_percent": ("year", "year_before"),
}
"""Every number of a line, and the periods whose amounts it would give away. A number is there only if all
of them are; what hides a period's amount hides everything that rests on it."""

SHOWN_INCOMPLETE = frozenset({"quarter_number", "quarter_out_of", "quarter_figure"})
"""What is shown, though never compared, of a quarter in which months are missing."""


Line = Mapping[Any, Any]
"""One row of a scorecard's lines."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What a measure came to in an area over a period."""

    status: Status
    number: float = nan
    out_of: float = nan
    made_up: bool = False


NOTHING_RECEIVED = Amount(Status.NOT_RECEIVED)
NOT_DEFINED = Amount(Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class Scorecard:
    """A quarter's scorecard.

    ``lines``: one row a measure and area, columns as in ``RESTS_ON``, a status for each of ``PERIODS``, and
    what names them. ``trend``: one row a measure, area and quarter, the last eight, with the ``value`` that
    is compared (rate, per cent, mean, pounds or count). ``returns``: one row a return and sender of the
    quarter. ``residents``: what the quarter's rates are divided by. ``as_of``: the newest return's day.
    """

    quarter: Quarter
    measures: tuple[Measure, ...]
    lines: pd.DataFrame
    trend: pd.DataFrame
    returns: pd.DataFrame
    residents: Residents
    as_of: date

    @property
    def made_up(self) -> bool:
        """Whether any figure that is shown rests on made-up samples."""
        return bool(self.lines["made_up"].any() or self.trend["made_up"].any())

    @property
    def reported(self) -> tuple[Measure, ...]:
        """The measures with a figure for the quarter in at least one area."""
        shown = set(self.lines.loc[self.lines["quarter_number"].notna(), "measure_id"])
        return tuple(measure for measure in self.measures if measure.id in shown)

    @property
    def unreported(self) -> tuple[Measure, ...]:
        """The measures without any figure for the quarter."""
        reported = set(self.reported)
        return tuple(measure for measure in self.measures if measure not in reported)

    def lines_of(self, measure: Measure) -> dict[str, Line]:
        """A measure's lines by area code, in reading order."""
        rows = self.lines[self.lines["measure_id"] == measure.id].to_dict("records")
        return {row["area_code"]: row for row in rows}

    def trend_of(self, measure: Measure, area_code: str) -> pd.DataFrame:
        """A measure's last eight quarters in an area, oldest first."""
        return self.trend[(self.trend["measure_id"] == measure.id) & (self.trend["area_code"] == area_code)]


def build(
    observations: pd.DataFrame,
    measures: Sequence[Measure],
    population: pd.DataFrame,
    quarter: Quarter,
    returns: pd.DataFrame,
) -> Scorecard:
    """Build the scorecard of a quarter.

    Args:
        observations: one row a measure, area and quarter: ``measure_id, area_code, quarter_key, numerator,
            denominator, complete, made_up``; no row means not received.
        measures: the register, in the order of the scorecard.
        population: one row a district and year: ``area_code, mid_year, persons, vintage``.
        quarter: the quarter.
        returns: one row a return, sender and quarter: ``return_name, return_title, source, source_name,
            quarter_key, expected, state, received_on, reasons``.
    """
    held = _held(observations)
    quarters = quarters_between(quarter.plus(1 - QUARTERS_SHOWN), quarter)
    people = {each: residents(population, each) for each in quarters}
    lines, trend = [], []
    for measure in measures:
        for area in _areas(measure, held):
            amounts = {each: _amount(measure, area, each, held) for each in quarters}
            lines.append(_line(measure, area, quarter, amounts, people[quarter]))
            trend += _trend(measure, area, amounts, people)
    received = [day for day in returns["received_on"] if not pd.isna(day)]
    return Scorecard(
        quarter=quarter,
        measures=tuple(measures),
        lines=pd.DataFrame(lines),
        trend=pd.DataFrame(trend),
        returns=returns[returns["quarter_key"] == quarter.key].reset_index(drop=True),
        residents=people[quarter],
        as_of=max(received, default=quarter.end),
    )


Held = Mapping[tuple[str, str, str], Amount]


def _held(observations: pd.DataFrame) -> Held:
    """Amounts by measure, area and quarter."""
    held = {}
    for row in observations.itertuples(index=False):
        number, out_of = _number(row.numerator), _number(row.denominator)
        status = Status.REPORTED if row.complete else Status.INCOMPLETE
        held[str(row.measure_id), str(row.area_code), str(row.quarter_key)] = (
            NOTHING_RECEIVED if isnan(number) else Amount(status, number, out_of, bool(row.made_up))
        )
    return held


def _number(value: object) -> float:
    return nan if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]


def _areas(measure: Measure, held: Held) -> Iterable[Area]:
    """County, partnerships and districts, and of the places that are no area those with figures for the measure."""
    given = {area for measure_id, area, _ in held if measure_id == measure.id}
    beside = {AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN}
    return [area for area in geography.areas().values() if area.type not in beside or area.code in given]


def _amount(measure: Measure, area: Area, quarter: Quarter, held: Held) -> Amount:
    """What is held of a quarter, if the measure was defined then; a share of unknown whole is not held."""
    if not measure.defined_in(quarter):
        return NOT_DEFINED
    found = held.get((measure.id, area.code, quarter.key), NOTHING_RECEIVED)
    return NOTHING_RECEIVED if measure.denominator is not None and isnan(found.out_of) else found


def _together(amounts: Sequence[Amount]) -> Amount:
    """The sum of quarters: complete if all are, and with no number at all if one has none."""
    for status in (Status.NOT_APPLICABLE, Status.NOT_RECEIVED, Status.INCOMPLETE):
        if any(amount.status is status for amount in amounts):
            return Amount(status)
    return Amount(
        Status.REPORTED,
        sum(amount.number for amount in amounts),
        sum(amount.out_of for amount in amounts),
        any(amount.made_up for amount in amounts),
    )


def _share_of_nothing_is_not_applicable(measure: Measure, amount: Amount) -> Amount:
    if measure.denominator is None or amount.out_of != 0:
        return amount
    return Amount(Status.NOT_APPLICABLE, made_up=amount.made_up)


def _figure(measure: Measure, amount: Amount) -> float:
    """The figure that is compared with itself over time: count, per cent, mean or pounds."""
    if measure.kind == "proportion":
        return 100 * amount.number / amount.out_of
    if measure.kind == "mean":
        return amount.number / amount.out_of
    return amount.number


def _line(
    measure: Measure, area: Area, quarter: Quarter, amounts: Mapping[Quarter, Amount], people: Residents
) -> dict[str, object]:
    newest_first = [amounts[each] for each in sorted(amounts, reverse=True)]
    periods = {
        name: _share_of_nothing_is_not_applicable(measure, amount)
        for name, amount in (
            ("quarter", newest_first[0]),
            ("last_year", newest_first[4]),
            ("year", _together(newest_first[:4])),
            ("year_before", _together(newest_first[4:8])),
        )
    }
    numbers: dict[str, float] = {}
    for name, amount in periods.items():
        numbers[f"{name}_number"], numbers[f"{name}_out_of"] = amount.number, amount.out_of
        numbers[f"{name}_figure"] = _figure(measure, amount)
    persons = people.persons.get(area.code)
    numbers["rate"], numbers["lower"], numbers["upper"] = _rate_and_interval(measure, periods["quarter"], persons)
    for prefix, now, before in (("", "quarter", "last_year"), ("year_", "year", "year_before")):
        numbers[f"{prefix}change"], numbers[f"{prefix}change_percent"] = _change(
            measure, numbers[f"{now}_figure"], numbers[f"{before}_figure"]
        )
    status = {name: amount.status for name, amount in periods.items()}
    return {
        "measure_id": measure.id,
        "area_code": area.code,
        "area_type": area.type.value,
        "quarter_key": quarter.key,
        "made_up": any(amount.made_up for amount in periods.values()),
        "residents": nan if persons is None else persons,
        **{f"{name}_status": status[name].value for name in PERIODS},
        **{column: numbers[column] if _may_show(column, status) else nan for column in RESTS_ON},
    }


def _may_show(column: str, status: Mapping[str, Status]) -> bool:
    return all(
        status[period] is Status.REPORTED or (status[period] is Status.INCOMPLETE and column in SHOWN_INCOMPLETE)
        for period in RESTS_ON[column]
    )


def _rate_and_interval(measure: Measure, amount: Amount, persons: int | None) -> tuple[float, float, float]:
    """The rate per 1,000 residents and its interval; for a proportion only the interval, in per cent."""
    if amount.status is not Status.REPORTED:
        return nan, nan, nan
    if measure.rated and persons is not None:
        return rate(amount.number, persons), *rate_interval(amount.number, persons)
    # Detections of earlier quarters' crimes can outnumber a quarter's crimes: a ratio then, and no part of a whole.
    if measure.kind == "proportion" and 0 <= amount.number <= amount.out_of:
        interval = proportion_interval(amount.number, amount.out_of)
        return nan, *Interval(100 * interval.lower, 100 * interval.upper)
    return nan, nan, nan


def _change(measure: Measure, now: float, before: float) -> tuple[float, float]:
    """The change, and the change in per cent of what it was; of a percentage only the change, in points."""
    change = now - before
    return change, 100 * change / before if before > 0 and measure.kind != "proportion" else nan


def _trend(
    measure: Measure, area: Area, amounts: Mapping[Quarter, Amount], people: Mapping[Quarter, Residents]
) -> list[dict[str, object]]:
    """The value that is compared, quarter by quarter; missing where it is not complete."""
    points: list[dict[str, object]] = []
    for quarter, held in amounts.items():
        amount = _share_of_nothing_is_not_applicable(measure, held)
        persons = people[quarter].persons.get(area.code)
        value = rate(amount.number, persons) if measure.rated and persons else _figure(measure, amount)
        points.append(
            {
                "measure_id": measure.id,
                "area_code": area.code,
                "quarter_key": quarter.key,
                "status": amount.status.value,
                "made_up": amount.made_up,
                "value": value if amount.status is Status.REPORTED else nan,
            }
        )
    return points
