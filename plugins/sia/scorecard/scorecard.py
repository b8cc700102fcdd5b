"""The scorecard of a quarter: every measure in every area, beside last year, beside the county, and its travel.

Pure: amounts in, a scorecard out. What cannot be known or is hidden is missing (NaN) and says why in a status; it is
never zero. The draft is made of all amounts, the release of those that disclosure control leaves (``protection``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import nan
from typing import Any, Literal

import pandas as pd

from sia.calendar import Quarter, quarters_between
from sia.geography import Area, AreaType
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.registers.series_breaks import SeriesBreak, breaks_of
from sia.scorecard.amounts import QUARTERS_SHOWN, Amount, Held, Status, areas_of, judged, quarter_of, year_to
from sia.scorecard.area_comparison import Beside, beside
from sia.scorecard.direction_of_travel import People, Travel, travel
from sia.scorecard.estimates import applicable, estimate, figure
from sia.scorecard.last_known_share import Share, last_known_share
from sia.scorecard.peers import BesidePeers, PeerList, beside_peers
from sia.scorecard.population import Residents, residents

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

GoodDirection = Literal["up", "down", "none"]

_TRAVELS = frozenset({AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT})


@dataclass(frozen=True)
class Scorecard:
    """A quarter's scorecard.

    ``lines``: one row a measure and area, columns as in ``RESTS_ON``, a status for each of ``PERIODS``, whether a break
    parts the periods of a change, and what names them. ``trend``: one row a measure, area and quarter, the last eight,
    with the ``value`` that is compared (rate, per cent, mean, pounds or count). ``travel`` and ``beside``: direction
    and comparisons by measure and area. ``last_known``: the share of the county's total that a figure which was not
    received stands for, by measure and area. ``peers``: partnerships beside the peers of each list that is held, by
    measure and area, where the public tables hold the measure. ``good``: the good direction by measure. ``returns``:
    one row a return and sender of the quarter. ``residents``: what the quarter's rates are divided by. ``as_of``: the
    newest return's day.
    ``kept``: the share of the counts that disclosure control left to be shown; none where nothing is hidden, because
    it is not for publication.
    """

    quarter: Quarter
    measures: tuple[Measure, ...]
    lines: pd.DataFrame
    trend: pd.DataFrame
    travel: Mapping[tuple[str, str], Travel]
    beside: Mapping[tuple[str, str], Beside]
    last_known: Mapping[tuple[str, str], Share]
    peers: Mapping[PeerList, Mapping[tuple[str, str], BesidePeers]]
    good: Mapping[str, GoodDirection]
    returns: pd.DataFrame
    residents: Residents
    as_of: date
    kept: float | None

    @property
    def synthetic(self) -> bool:
        """Whether any figure that is shown rests on made-up samples."""
        return bool(self.lines["synthetic"].any() or self.trend["synthetic"].any())

    @property
    def reported(self) -> tuple[Measure, ...]:
        """The measures with a figure for the quarter in at least one area, shown or hidden."""
        hidden = self.lines["quarter_status"] == Status.CONFIDENTIAL
        shown = set(self.lines.loc[self.lines["quarter_number"].notna() | hidden, "measure_id"])
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
    held: Held,
    measures: Sequence[Measure],
    population: pd.DataFrame,
    quarter: Quarter,
    returns: pd.DataFrame,
    policy: Policy,
    breaks: Sequence[SeriesBreak] = (),
    kept: float | None = None,
    published: pd.DataFrame | None = None,
    by_month: Collection[str] = (),
) -> Scorecard:
    """Build the scorecard of a quarter.

    Args:
        held: the amounts that are shown.
        measures: the register, in the order of the scorecard.
        population: one row a district and year: ``area_code, mid_year, persons, vintage``.
        quarter: the quarter.
        returns: one row a return, sender and quarter: ``return_name, return_title, source, source_name,
            quarter_key, expected, state, received_on, reasons``.
        policy: good directions, methods and targets.
        breaks: the register of breaks.
        kept: the share of the counts that disclosure control left, if it was at work.
        published: recorded crime beside peers, as ``beside_peers`` takes it; none if nothing is held.
        by_month: the measures that are judged by month (``protection.by_month``); the others are by quarter.
    """
    people = {each: residents(population, each) for each in judged(quarter)}
    lines: list[dict[str, object]] = []
    trend: list[dict[str, object]] = []
    travels: dict[tuple[str, str], Travel] = {}
    besides: dict[tuple[str, str], Beside] = {}
    shares: dict[tuple[str, str], Share] = {}
    good = {measure.id: policy.good(measure.id, quarter.end) for measure in measures}
    for measure in measures:
        own: dict[str, dict[str, object]] = {}
        for area in areas_of(measure, held):
            own[area.code] = _line(measure, area, quarter, held, people[quarter], breaks)
            trend += _trend(measure, area, quarter, held, people)
            if area.type in _TRAVELS:
                travels[measure.id, area.code] = travel(
                    measure, area.code, quarter, held, people, policy, breaks, by_month=measure.id in by_month
                )
            missing = own[area.code]["quarter_status"] == Status.NOT_RECEIVED
            if missing and (share := last_known_share(measure, area, quarter, held)):
                shares[measure.id, area.code] = share
        compared = beside(measure, good[measure.id], own)
        besides |= {(measure.id, area): each for area, each in compared.items()}
        lines += own.values()
    received = [day for day in returns["received_on"] if not pd.isna(day)]
    return Scorecard(
        quarter=quarter,
        measures=tuple(measures),
        lines=pd.DataFrame(lines),
        trend=pd.DataFrame(trend),
        travel=travels,
        beside=besides,
        last_known=shares,
        peers={} if published is None else beside_peers(measures, published),
        good=good,
        returns=returns[returns["quarter_key"] == quarter.key].reset_index(drop=True),
        residents=people[quarter],
        as_of=max(received, default=quarter.end),
        kept=kept,
    )


def _line(
    measure: Measure, area: Area, quarter: Quarter, held: Held, people: Residents, breaks: Sequence[SeriesBreak]
) -> dict[str, object]:
    before = quarter.same_quarter_last_year()
    periods = {
        name: applicable(measure, amount)
        for name, amount in (
            ("quarter", quarter_of(held, measure, area.code, quarter)),
            ("last_year", quarter_of(held, measure, area.code, before)),
            ("year", year_to(held, measure, area.code, quarter)),
            ("year_before", year_to(held, measure, area.code, before)),
        )
    }
    numbers: dict[str, float] = {}
    for name, amount in periods.items():
        numbers[f"{name}_number"], numbers[f"{name}_out_of"] = amount.number, amount.out_of
        numbers[f"{name}_figure"] = figure(measure, amount)
    persons = people.persons.get(area.code)
    numbers["rate"], numbers["lower"], numbers["upper"] = _rate_and_interval(measure, periods["quarter"], persons)
    broken = {}
    for prefix, now, then, since in (
        ("", "quarter", "last_year", before),
        ("year_", "year", "year_before", before.plus(-3)),
    ):
        facts = [each for each in breaks_of(measure, breaks) if since.start < each.starts <= quarter.end]
        broken[f"{prefix}change_broken"] = bool(facts)
        numbers[f"{prefix}change"], numbers[f"{prefix}change_percent"] = (
            (nan, nan) if facts else _change(measure, numbers[f"{now}_figure"], numbers[f"{then}_figure"])
        )
    status = {name: amount.status for name, amount in periods.items()}
    return {
        "measure_id": measure.id,
        "area_code": area.code,
        "area_type": area.type.value,
        "quarter_key": quarter.key,
        "synthetic": any(amount.synthetic for amount in periods.values()),
        "residents": nan if persons is None else persons,
        **{f"{name}_status": status[name].value for name in PERIODS},
        **{column: numbers[column] if _may_show(column, status) else nan for column in RESTS_ON},
        **broken,
    }


def _may_show(column: str, status: Mapping[str, Status]) -> bool:
    return all(
        status[period] is Status.REPORTED or (status[period] is Status.INCOMPLETE and column in SHOWN_INCOMPLETE)
        for period in RESTS_ON[column]
    )


def _rate_and_interval(measure: Measure, amount: Amount, persons: int | None) -> tuple[float, float, float]:
    """The rate per 1,000 residents and its interval; for a proportion only the interval, in per cent."""
    has_rate = measure.has_rate and persons is not None
    if not has_rate and measure.kind != "proportion":
        return nan, nan, nan
    found = estimate(measure, amount, persons)
    return found.value if has_rate else nan, found.lower, found.upper


def _change(measure: Measure, now: float, before: float) -> tuple[float, float]:
    """The change, and the change in per cent of what it was; of a percentage only the change, in points."""
    change = now - before
    return change, 100 * change / before if before > 0 and measure.kind != "proportion" else nan


def _trend(measure: Measure, area: Area, quarter: Quarter, held: Held, people: People) -> list[dict[str, object]]:
    """The value that is compared, quarter by quarter; missing where it is not complete."""
    points: list[dict[str, object]] = []
    for each in quarters_between(quarter.plus(1 - QUARTERS_SHOWN), quarter):
        amount = applicable(measure, quarter_of(held, measure, area.code, each))
        points.append(
            {
                "measure_id": measure.id,
                "area_code": area.code,
                "quarter_key": each.key,
                "status": amount.status.value,
                "synthetic": amount.synthetic,
                "value": estimate(measure, amount, people[each].persons.get(area.code)).value,
            }
        )
    return points
