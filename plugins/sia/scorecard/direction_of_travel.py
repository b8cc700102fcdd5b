"""The direction of travel of a measure in an area: its series, its breaks, what the methods find, and its target.

A series is by month where the return counts by month and its months may be published (``protection``), else by quarter.
It uses only the amounts that are shown, so a hidden one is a gap. All series of a scorecard are judged first, and
concluded together: how unlikely a change must be depends on how many verdicts there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import dropwhile, pairwise
from math import isnan, nan
from typing import Literal, NamedTuple

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.measures import Measure
from sia.registers.policy import Policy
from sia.registers.series_breaks import SeriesBreak, SetAside, breaks_of, is_set_aside
from sia.scorecard.amounts import NOT_RECEIVED, Amount, AmountsByCell, Status, lookback_quarters, quarter_amount
from sia.scorecard.estimates import applicable, estimate, figure_of, incidents_per_unit, known
from sia.scorecard.located_share import located_shares
from sia.scorecard.population import Residents
from sia.scorecard.registers import Registers
from sia.statistics.change import Comparison, Quantity, compare_years, discovery_limit
from sia.statistics.comparison import Distance, GoodDirection, distance_to_limit
from sia.statistics.control_chart import Assurance, Limits, Side, assurance, met_or_missed
from sia.statistics.direction import Assessment, Break, Direction, Period, assess, conclude
from sia.statistics.intervals import Interval

Step = Literal["month", "quarter"]
Movement = Literal["rising", "falling"]


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month or quarter of a series.

    ``value`` is what is compared, and ``None`` where the status says why. ``without_season`` is what the chart shows:
    the same, where the season is not known.
    """

    label: str
    starts: date
    status: Status
    value: float | None
    without_season: float | None
    signals: bool
    """Whether it is one of the points that show the change."""
    set_aside: bool = False
    """Whether nothing later is compared with it, for example because of a lockdown."""


@dataclass(frozen=True, slots=True)
class TargetOutlook:
    """A target, and what the control limits promise about it.

    ``of_year``: the figure of the twelve months where that decides, and whether it met the target or missed it.
    """

    value: float
    set_by: str
    assurance: Assurance | None
    of_year: float | None = None


@dataclass(frozen=True, slots=True)
class DirectionOfTravel:
    """Where a measure goes in an area.

    ``points``: its series, oldest first. ``chance``: how often chance alone would show so much; none where nothing can
    be judged. ``limits``: the control limits of the points from number ``judged_from``;
    none where there are too few. ``broken``: the break from which it is judged, if there is one inside the series.
    ``distance``: how many whole incidents part the last point from its nearer limit; none for means and money.
    """

    step: Step
    points: tuple[SeriesPoint, ...]
    good_direction: GoodDirection
    direction: Direction
    moving: Movement | None
    explanation: str
    chance: float | None
    provisional: bool
    limits: Limits | None
    judged_from: int
    broken: Break | None
    target: TargetOutlook | None
    distance: Distance | None

    @property
    def is_exception(self) -> bool:
        """Whether the Board must read about it: the measure moves the wrong way, or misses its target."""
        wrong_way = self.direction is Direction.DETERIORATING
        misses = self.target is not None and self.target.assurance is not None and self.target.assurance.is_miss
        return self.good_direction != "none" and (wrong_way or misses)


class _Dates(NamedTuple):
    """When a month or quarter is. ``ends``: the day after its last."""

    label: str
    starts: date
    ends: date
    quarter: Quarter
    span: Span


class _Step(NamedTuple):
    """A month or quarter with its amount."""

    dates: _Dates
    amount: Amount


@dataclass(frozen=True)
class JudgedSeries:
    """A series with what the methods find in it, before its direction is concluded; ``year``: its twelve months."""

    measure: Measure
    area_code: str
    step: Step
    parts: tuple[_Step, ...]
    persons: int | None
    assessment: Assessment
    year: Amount


def judge_series(
    measure: Measure,
    area_code: str,
    quarter: Quarter,
    amounts: AmountsByCell,
    people: Mapping[Quarter, Residents],
    registers: Registers,
    *,
    by_month: bool = False,
) -> JudgedSeries:
    """Judge the series of a measure in an area at the end of a quarter.

    Args:
        measure: the measure.
        area_code: the area.
        quarter: the quarter; the settings of its last day apply.
        amounts: the amounts that are shown.
        people: residents by quarter, for all quarters that may be judged.
        registers: policy, breaks, and periods set aside.
        by_month: whether months are judged where there are any.
    """
    step, series = _series(measure, area_code, quarter, amounts, by_month)
    persons = [people[part.dates.quarter].persons.get(area_code) for part in series]
    rated = measure.has_rate and all(persons)
    located = located_shares(measure, amounts, registers.areas, [part.dates.span for part in series])
    periods = [
        _period(measure, part, residents, rated, registers.set_aside, share)
        for part, residents, share in zip(series, persons, located, strict=True)
    ]
    inside = _breaks_inside(measure, area_code, series, people, registers.breaks)
    per_unit = incidents_per_unit(measure, series[-1].amount, persons[-1]) if measure.kind == "count" else nan
    assessment = assess(
        periods,
        12 if step == "month" else 4,
        quantity=_quantity(measure),
        breaks=inside[-1:],
        method=registers.policy.method(measure.id, quarter.end),
        per_unit=per_unit,
        years=_years(measure, area_code, quarter, amounts, registers.breaks),
    )
    year = amounts.get((measure.id, area_code, Span.year_to(quarter)), NOT_RECEIVED)
    return JudgedSeries(measure, area_code, step, tuple(series), persons[-1], assessment, year)


def verdict_limit(judged: Sequence[JudgedSeries], registers: Registers, quarter: Quarter) -> float:
    """The chance up to which a change counts among all that a scorecard judges."""
    method = registers.policy.method("", quarter.end)
    chances = [series.assessment.chance for series in judged]
    return discovery_limit(chances, method.false_discoveries, method.chance)


def conclude_direction(judged: JudgedSeries, registers: Registers, quarter: Quarter, limit: float) -> DirectionOfTravel:
    """The direction of travel of a series.

    Args:
        judged: the series.
        registers: good direction and targets.
        quarter: the quarter.
        limit: the chance up to which a change counts.
    """
    measure, assessment, policy = judged.measure, judged.assessment, registers.policy
    good = policy.good(measure.id, quarter.end)
    verdict = conclude(assessment, good, limit)
    chart = assessment.chart
    signalling = set(verdict.points)
    return DirectionOfTravel(
        step=judged.step,
        points=tuple(
            SeriesPoint(
                part.dates.label,
                part.dates.starts,
                part.amount.status,
                known(period.value),
                known(adjusted),
                signals=number in signalling,
                set_aside=period.set_aside,
            )
            for number, (part, period, adjusted) in enumerate(
                zip(judged.parts, assessment.periods, chart.values, strict=True)
            )
        ),
        good_direction=good,
        direction=verdict.direction,
        moving=None if verdict.moving is None else "rising" if verdict.moving is Side.HIGH else "falling",
        explanation=verdict.explanation,
        chance=known(assessment.chance),
        provisional=chart.limits is not None
        and chart.provisional
        and verdict.direction not in {Direction.NOT_ENOUGH_DATA, Direction.HIDDEN},
        limits=chart.limits,
        judged_from=chart.start,
        broken=assessment.broken,
        target=_outlook(judged, quarter, policy, good),
        distance=_distance(assessment, incidents_per_unit(measure, judged.parts[-1].amount, judged.persons)),
    )


def _years(
    measure: Measure, area_code: str, quarter: Quarter, amounts: AmountsByCell, register: Sequence[SeriesBreak]
) -> Comparison | None:
    """The last two years, if both are shown and no break is between them."""
    quantity, spans = _quantity(measure), [Span.year_to(quarter), Span.year_to(quarter.plus(-4))]
    later, earlier = (amounts.get((measure.id, area_code, span), NOT_RECEIVED) for span in spans)
    is_shown = {later.status, earlier.status} == {Status.REPORTED}
    is_broken = any(spans[1].start < entry.starts <= quarter.end for entry in breaks_of(measure, register))
    if quantity is Quantity.AMOUNT or is_broken or not is_shown:
        return None
    of_later, of_earlier = (later.out_of, earlier.out_of) if measure.denominator else (1.0, 1.0)
    if not (of_later > 0 and of_earlier > 0):
        return None
    return compare_years(later.number, earlier.number, of_later, of_earlier, quantity)


def _quantity(measure: Measure) -> Quantity:
    if measure.is_share_of_money:
        return Quantity.AMOUNT
    if measure.kind == "count" or not measure.within:
        return Quantity.COUNT
    return Quantity.SHARE if measure.kind == "proportion" else Quantity.AMOUNT


def _period(
    measure: Measure, part: _Step, persons: int | None, rated: bool, set_aside: Sequence[SetAside], located: float
) -> Period:
    """A period with its value at 12 significant digits, as figures are, and what the value is made from."""
    value = estimate(measure, part.amount, persons).value
    days = (part.dates.ends - part.dates.starts).days
    grows_with = days * (persons if rated and persons else 1) * located
    return Period(
        label=part.dates.label,
        value=nan if isnan(value) else float(f"{value:.12g}"),
        number=nan if isnan(value) else part.amount.number,
        exposure=grows_with if measure.denominator is None else part.amount.out_of,
        length=days if measure.denominator is None else 1,
        set_aside=is_set_aside(set_aside, part.dates.starts, part.dates.ends),
        hidden=applicable(measure, part.amount).status.is_hidden,
    )


def _outlook(judged: JudgedSeries, quarter: Quarter, policy: Policy, good: GoodDirection) -> TargetOutlook | None:
    target = policy.target(judged.measure.id, judged.area_code, quarter.end)
    if target is None:
        return None
    limits, amount = judged.assessment.chart.limits, applicable(judged.measure, judged.year)
    if good == "none":
        return TargetOutlook(target.value, target.set_by, None)
    if target.of_year and amount.status is Status.REPORTED:
        figure = figure_of(judged.measure, amount)
        return TargetOutlook(target.value, target.set_by, met_or_missed(figure, target.value, good), known(figure))
    promise = assurance(limits, target.value, good) if limits and not target.of_year else None
    return TargetOutlook(target.value, target.set_by, promise)


def _distance(assessment: Assessment, scale: float) -> Distance | None:
    limits, value = assessment.chart.limits, assessment.periods[-1].value
    if limits is None or isnan(scale) or isnan(value):
        return None
    # In whole incidents of the last period, with its season. The count is a whole number, but for binary arithmetic.
    seasonal = scale * assessment.season[-1]
    return distance_to_limit(round(value * scale, 6), Interval(limits.lower * seasonal, limits.upper * seasonal))


@lru_cache(maxsize=8)
def _quarters(quarter: Quarter) -> tuple[_Dates, ...]:
    """Every quarter that a series may have."""
    return tuple(
        _Dates(past.label, past.start, past.next().start, past, Span.quarter(past))
        for past in lookback_quarters(quarter)
    )


@lru_cache(maxsize=8)
def _months(quarter: Quarter) -> tuple[_Dates, ...]:
    """Every month that a series may have."""
    spans = [(part.quarter, Span(month, month + 1)) for part in _quarters(quarter) for month in range(*part.span)]
    return tuple(
        _Dates(f"{span.start:%b %Y}", span.start, Span(span.after, span.after).start, past, span)
        for past, span in spans
    )


def _series(
    measure: Measure, area_code: str, quarter: Quarter, amounts: AmountsByCell, by_month: bool
) -> tuple[Step, list[_Step]]:
    if by_month:
        months = [
            _Step(month, amounts.get((measure.id, area_code, month.span), NOT_RECEIVED)) for month in _months(quarter)
        ]
        if any(part.amount.status is Status.REPORTED for part in months):
            return "month", _from_the_first_amount(months)
    quarters = [_Step(past, quarter_amount(amounts, measure, area_code, past.quarter)) for past in _quarters(quarter)]
    return "quarter", _from_the_first_amount(quarters)


def _from_the_first_amount(series: Sequence[_Step]) -> list[_Step]:
    nothing = {Status.NOT_RECEIVED, Status.NOT_APPLICABLE}
    return list(dropwhile(lambda part: part.amount.status in nothing, series)) or [series[-1]]


def _breaks_inside(
    measure: Measure,
    area_code: str,
    series: Sequence[_Step],
    people: Mapping[Quarter, Residents],
    register: Sequence[SeriesBreak],
) -> list[Break]:
    """The breaks inside a series, oldest first: a break begins with the period in which it falls.

    Another publication of the residents breaks a rate only if they jump as no year of births and moves makes them.
    """
    dated = [(entry.starts, entry.reason) for entry in breaks_of(measure, register)]
    if measure.has_rate:
        dated += [
            (after.dates.starts, f"rates use a different population estimate ({vintage})")
            for before, after in pairwise(series)
            if (vintage := people[after.dates.quarter].vintage) != people[before.dates.quarter].vintage
            and _is_rebased(
                people[before.dates.quarter].persons.get(area_code), people[after.dates.quarter].persons.get(area_code)
            )
        ]
    breaks = []
    for day, reason in sorted(dated):
        begun = [part for part in series if part.dates.starts <= day]
        # A break in the first period, or before it, breaks nothing.
        if len(begun) > 1 and day <= series[-1].dates.quarter.end:
            breaks.append(Break(begun[-1].dates.label, reason))
    return breaks


_MAX_YEARLY_CHANGE = 0.02


def _is_rebased(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and abs(after - before) > _MAX_YEARLY_CHANGE * before
