"""The direction of travel of a measure in an area: its series, its breaks, what the methods find, and its target.

A series is by month where the return counts by month and its months may be published (``protection``), else by quarter.
It uses only the amounts that are shown, so a hidden one is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import dropwhile, pairwise
from math import isnan
from typing import Literal, NamedTuple

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.registers.series_breaks import SeriesBreak, breaks_of
from sia.scorecard.amounts import NOT_RECEIVED, Amount, AmountsByCell, Status, lookback_quarters, quarter_amount
from sia.scorecard.estimates import estimate, incidents_per_unit, known
from sia.scorecard.population import Residents
from sia.statistics.comparison import Distance, GoodDirection, distance_to_limit
from sia.statistics.control_chart import Assurance, Limits, Side, assurance
from sia.statistics.direction import Break, Direction, Period, Verdict, direction_of_travel
from sia.statistics.intervals import Interval
from sia.statistics.trend import Estimate

Step = Literal["month", "quarter"]
Movement = Literal["rising", "falling"]


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month or quarter of a series. ``value`` is what is compared, and ``None`` where the status says why."""

    label: str
    starts: date
    status: Status
    value: float | None
    signals: bool
    """Whether a rule of the control chart fires in which this point and the last one take part."""


@dataclass(frozen=True, slots=True)
class TargetOutlook:
    """A target, and what the control limits promise about it."""

    value: float
    set_by: str
    assurance: Assurance | None


@dataclass(frozen=True, slots=True)
class DirectionOfTravel:
    """Where a measure goes in an area.

    ``points``: its series, oldest first. ``limits``: the control limits of the points from number ``judged_from``;
    none where there are too few. ``broken``: the break from which it is judged, if there is one inside the series.
    ``distance``: how many whole incidents part the last point from its nearer limit; none for means and money.
    """

    step: Step
    points: tuple[SeriesPoint, ...]
    good_direction: GoodDirection
    direction: Direction
    moving: Movement | None
    explanation: str
    provisional: bool
    limits: Limits | None
    judged_from: int
    broken: Break | None
    target: TargetOutlook | None
    distance: Distance | None

    @property
    def is_exception(self) -> bool:
        """Whether the Board must read about it: the measure moves the wrong way, or will miss its target."""
        wrong_way = self.direction in {Direction.DETERIORATING, Direction.METHODS_DISAGREE}
        will_miss = self.target is not None and self.target.assurance is Assurance.WILL_MISS
        return self.good_direction != "none" and (wrong_way or will_miss)


class _Step(NamedTuple):
    label: str
    starts: date
    quarter: Quarter
    amount: Amount


def judge_direction(
    measure: Measure,
    area_code: str,
    quarter: Quarter,
    amounts: AmountsByCell,
    people: Mapping[Quarter, Residents],
    policy: Policy,
    breaks: Sequence[SeriesBreak],
    *,
    by_month: bool = False,
) -> DirectionOfTravel:
    """The direction of travel of a measure in an area at the end of a quarter.

    Args:
        measure: the measure.
        area_code: the area.
        quarter: the quarter; the settings of its last day apply.
        amounts: the amounts that are shown.
        people: residents by quarter, for all quarters that may be judged.
        policy: good direction, methods and targets.
        breaks: the register of breaks.
        by_month: whether months are judged where there are any.
    """
    step, series = _series(measure, area_code, quarter, amounts, by_month)
    persons = [people[part.quarter].persons.get(area_code) for part in series]
    estimates = [
        _rounded(estimate(measure, part.amount, residents)) for part, residents in zip(series, persons, strict=True)
    ]
    inside = _breaks_inside(measure, series, people, breaks)
    good = policy.good(measure.id, quarter.end)
    verdict = direction_of_travel(
        [Period(part.label, value) for part, value in zip(series, estimates, strict=True)],
        good,
        breaks=inside,
        method=policy.method(measure.id, quarter.end),
    )
    chart = verdict.chart
    signalling = {point for signal in chart.latest_signals for point in signal.points}
    return DirectionOfTravel(
        step=step,
        points=tuple(
            SeriesPoint(part.label, part.starts, part.amount.status, known(value.value), number in signalling)
            for number, (part, value) in enumerate(zip(series, estimates, strict=True))
        ),
        good_direction=good,
        direction=verdict.direction,
        moving=None if verdict.moving is None else "rising" if verdict.moving is Side.HIGH else "falling",
        explanation=verdict.explanation,
        provisional=verdict.provisional and verdict.direction is not Direction.NOT_ENOUGH_DATA,
        limits=chart.limits,
        judged_from=chart.start,
        broken=inside[-1] if inside else None,
        target=_outlook(measure, area_code, quarter, policy, good, chart.limits),
        distance=_distance(verdict, incidents_per_unit(measure, series[-1].amount, persons[-1])),
    )


def _rounded(value: Estimate) -> Estimate:
    """At 12 significant digits, as figures are."""
    return Estimate(*(part if isnan(part) else float(f"{part:.12g}") for part in value))


def _outlook(
    measure: Measure, area_code: str, quarter: Quarter, policy: Policy, good: GoodDirection, limits: Limits | None
) -> TargetOutlook | None:
    target = policy.target(measure.id, area_code, quarter.end)
    if target is None:
        return None
    promise = assurance(limits, target.value, good) if limits and good != "none" else None
    return TargetOutlook(target.value, target.set_by, promise)


def _distance(verdict: Verdict, scale: float) -> Distance | None:
    limits, value = verdict.chart.limits, verdict.chart.values[-1]
    if limits is None or isnan(scale) or isnan(value):
        return None
    # The count behind a rate is a whole number, but for binary arithmetic.
    return distance_to_limit(round(value * scale, 6), Interval(limits.lower * scale, limits.upper * scale))


@lru_cache(maxsize=8)
def _months(quarter: Quarter) -> tuple[tuple[str, Span, Quarter], ...]:
    """Every month that a series may have: its label, its span and its quarter."""
    return tuple(
        (f"{span.start:%b %Y}", span, past)
        for past in lookback_quarters(quarter)
        for span in (Span(month, month + 1) for month in range(*Span.quarter(past)))
    )


def _series(
    measure: Measure, area_code: str, quarter: Quarter, amounts: AmountsByCell, by_month: bool
) -> tuple[Step, list[_Step]]:
    if by_month:
        months = [
            _Step(label, span.start, past, amounts.get((measure.id, area_code, span), NOT_RECEIVED))
            for label, span, past in _months(quarter)
        ]
        if any(part.amount.status is Status.REPORTED for part in months):
            return "month", _from_the_first_amount(months)
    quarters = [
        _Step(past.label, past.start, past, quarter_amount(amounts, measure, area_code, past))
        for past in lookback_quarters(quarter)
    ]
    return "quarter", _from_the_first_amount(quarters)


def _from_the_first_amount(series: Sequence[_Step]) -> list[_Step]:
    nothing = {Status.NOT_RECEIVED, Status.NOT_APPLICABLE}
    return list(dropwhile(lambda part: part.amount.status in nothing, series)) or [series[-1]]


def _breaks_inside(
    measure: Measure, series: Sequence[_Step], people: Mapping[Quarter, Residents], register: Sequence[SeriesBreak]
) -> list[Break]:
    """The breaks inside a series, oldest first: a break begins with the period in which it falls."""
    dated = [(entry.starts, entry.reason) for entry in breaks_of(measure, register)]
    if measure.has_rate:
        dated += [
            (after.starts, f"rates use a different population estimate ({vintage})")
            for before, after in pairwise(series)
            if (vintage := people[after.quarter].vintage) != people[before.quarter].vintage
        ]
    breaks = []
    for day, reason in sorted(dated):
        begun = [part for part in series if part.starts <= day]
        # A break in the first period, or before it, breaks nothing.
        if len(begun) > 1 and day <= series[-1].quarter.end:
            breaks.append(Break(begun[-1].label, reason))
    return breaks
