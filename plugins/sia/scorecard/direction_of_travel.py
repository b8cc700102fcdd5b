"""The direction of travel of a measure in an area: its series, its breaks, its verdict, and its target.

A series is by month where the return counts by month and its months may be published (``protection``), else by quarter.
It is made of the amounts that are shown, so that a hidden one is a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile, pairwise
from typing import Literal

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.measures import Measure
from sia.registers.policy import Policy, Target
from sia.registers.series_breaks import SeriesBreak, breaks_of
from sia.scorecard.amounts import Amount, Held, Status, judged, quarter_of
from sia.scorecard.estimates import estimate, incidents_per_unit
from sia.scorecard.population import Residents
from sia.statistics.control_chart import Assurance, assurance
from sia.statistics.direction import Break, Direction, Period, Verdict, direction_of_travel

People = Mapping[Quarter, Residents]


@dataclass(frozen=True, slots=True)
class Point:
    """A month or quarter of a series."""

    label: str
    starts: date
    quarter: Quarter
    amount: Amount


@dataclass(frozen=True, slots=True)
class Travel:
    """Where a measure goes in an area.

    ``points``: its series, oldest first. ``broken``: the break from which it is judged, if one lies inside the series.
    ``incidents_per_unit``: of the last point's value, missing for means and money.
    """

    by: Literal["month", "quarter"]
    points: tuple[Point, ...]
    good: Literal["up", "down", "none"]
    verdict: Verdict
    broken: Break | None
    target: Target | None
    assurance: Assurance | None
    incidents_per_unit: float

    @property
    def word(self) -> str:
        """The direction as it is printed."""
        return self.verdict.direction.value

    @property
    def is_exception(self) -> bool:
        """Whether the measure does not go the good way, or will miss its target, so that the Board must hear of it."""
        astray = self.verdict.direction in {Direction.DETERIORATING, Direction.METHODS_DISAGREE}
        return self.good != "none" and (astray or self.assurance is Assurance.WILL_MISS)


def travel(
    measure: Measure,
    area_code: str,
    quarter: Quarter,
    held: Held,
    people: People,
    policy: Policy,
    breaks: Sequence[SeriesBreak],
    *,
    by_month: bool = False,
) -> Travel:
    """Judge a measure in an area as it stands at a quarter's end.

    Args:
        measure: the measure.
        area_code: the area.
        quarter: the quarter; settings are those of its last day.
        held: the amounts that are shown.
        people: residents by quarter, for all quarters that may be judged.
        policy: good direction, methods and targets.
        breaks: the register of breaks.
        by_month: whether months are judged where there are any.
    """
    by, points = _series(measure, area_code, quarter, held, by_month)
    good = policy.good(measure.id, quarter.end)
    persons = [people[point.quarter].persons.get(area_code) for point in points]
    found = _breaks(measure, points, people, breaks)
    verdict = direction_of_travel(
        [
            Period(point.label, estimate(measure, point.amount, count))
            for point, count in zip(points, persons, strict=True)
        ],
        good,
        breaks=found,
        method=policy.method(measure.id, quarter.end),
    )
    target = policy.target(measure.id, area_code, quarter.end)
    limits = verdict.chart.limits
    return Travel(
        by=by,
        points=points,
        good=good,
        verdict=verdict,
        broken=found[-1] if found else None,
        target=target,
        assurance=assurance(limits, target.value, good) if target and limits and good != "none" else None,
        incidents_per_unit=incidents_per_unit(measure, points[-1].amount, persons[-1]),
    )


def _series(
    measure: Measure, area_code: str, quarter: Quarter, held: Held, by_month: bool
) -> tuple[Literal["month", "quarter"], tuple[Point, ...]]:
    quarters = judged(quarter)
    months = [(each, Span(month, month + 1)) for each in quarters for month in range(*Span.quarter(each))]
    in_months = [
        Point(
            f"{span.start:%b %Y}",
            span.start,
            each,
            held.get((measure.id, area_code, span), Amount(Status.NOT_RECEIVED)),
        )
        for each, span in months
    ]
    if by_month and any(point.amount.status is Status.REPORTED for point in in_months):
        return "month", _from_the_first_figure(in_months)
    return "quarter", _from_the_first_figure(
        [Point(each.label, each.start, each, quarter_of(held, measure, area_code, each)) for each in quarters]
    )


def _from_the_first_figure(points: Sequence[Point]) -> tuple[Point, ...]:
    nothing = {Status.NOT_RECEIVED, Status.NOT_APPLICABLE}
    return tuple(dropwhile(lambda point: point.amount.status in nothing, points)) or (points[-1],)


def _breaks(measure: Measure, points: Sequence[Point], people: People, register: Iterable[SeriesBreak]) -> list[Break]:
    """The breaks inside a series, oldest first: a break begins with the period in which it falls."""
    facts = [(each.starts, each.reason) for each in breaks_of(measure, tuple(register))]
    if measure.has_rate:
        facts += [
            (after.starts, f"rates are divided by another publication of the residents ({vintage})")
            for before, after in pairwise(points)
            if (vintage := people[after.quarter].vintage) != people[before.quarter].vintage
        ]
    found = []
    for day, reason in sorted(facts):
        begun = [point for point in points if point.starts <= day]
        # Before the first period, or in it, there is nothing that could be broken.
        if len(begun) > 1 and (day <= points[-1].quarter.end):
            found.append(Break(begun[-1].label, reason))
    return found
