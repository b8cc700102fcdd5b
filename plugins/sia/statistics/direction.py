"""Direction of travel: what two methods say together of a series, in words that name what fired.

The control chart judges a series by its own ordinary variation, the recent trend judges its last five points by
chance. They speak together as follows (``docs/statistics.md`` gives the reasons):

=========================  ==========================  ============================
control chart              recent trend                direction
=========================  ==========================  ============================
fires                      agrees, silent, impossible  the chart's
fires                      the other way               methods disagree
fires both ways            any                         methods disagree
silent, limits firm        fires                       methods disagree
silent, provisional        fires                       the trend's
silent                     silent, impossible          no change
=========================  ==========================  ============================

Only signals in which the last period takes part speak of it. No text holds a value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Literal

from sia.statistics.control_chart import FIRM_FROM, ControlChart, Rule, Side, Signal, control_chart
from sia.statistics.trend import POINTS, SIGNIFICANCE, Estimate, Trend, TrendResult, recent_trend


class Direction(StrEnum):
    """What a series is said to do."""

    IMPROVING = "improving"
    DETERIORATING = "deteriorating"
    NO_CHANGE = "no change"
    NOT_ENOUGH_DATA = "not enough data"
    METHODS_DISAGREE = "methods disagree"
    NO_JUDGEMENT = "no judgement"


@dataclass(frozen=True, slots=True)
class Method:
    """The settings of both methods; ``fewest``: the figures below which nothing is said."""

    screening: bool = True
    firm_from: int = FIRM_FROM
    significance: float = SIGNIFICANCE
    fewest: int = POINTS


@dataclass(frozen=True, slots=True)
class Period:
    """A month or quarter of a series, by its label; NaN where a figure or its interval is missing."""

    label: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Break:
    """A fact that makes earlier figures another series: the period that it begins with, and what changed."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A direction with its reasons.

    ``moving``: ``HIGH`` rising, ``LOW`` falling, ``None`` neither or not known. ``because``: sentences that
    name the rules and their periods. ``provisional``: the control chart has too few figures for firm limits.
    """

    direction: Direction
    moving: Side | None
    because: str
    provisional: bool
    chart: ControlChart
    trend: TrendResult


def direction_of_travel(
    periods: Sequence[Period],
    good_direction: Literal["up", "down", "none"],
    *,
    breaks: Collection[Break] = (),
    method: Method | None = None,
) -> Verdict:
    """Judge a series as it stands in its last period.

    Args:
        periods: at equal steps of time, oldest first, none left out; the last is the one that is judged.
        good_direction: where the measure should go; without one a movement is not judged.
        breaks: dated facts within the series; only what follows the last is judged.
        method: the settings of the methods; their published defaults if not given.

    Raises:
        ValueError: there are no periods, or a break begins with none of them.
    """
    if not periods:
        raise ValueError("a direction needs periods")
    method = method or Method()
    labels = [period.label for period in periods]
    starts = {labels.index(each.label): each for each in breaks}
    chart = control_chart(
        [period.estimate.value for period in periods],
        breaks=starts,
        screening=method.screening,
        firm_from=method.firm_from,
    )
    since = [period.estimate for period in periods[chart.start :]]
    found = recent_trend(since, significance=method.significance)
    trend = TrendResult(found.trend, found.chi_squared, tuple(chart.start + point for point in found.points))

    direction, moving, because = _conclude(chart, trend, labels, good_direction, method)
    if starts:
        because += f" Judged from {labels[chart.start]}: {starts[chart.start].reason}."
    if chart.provisional and direction is not Direction.NOT_ENOUGH_DATA:
        because += f" Limits are provisional: {chart.count} figures, firm from {method.firm_from}."
    return Verdict(direction, moving, because, chart.provisional, chart, trend)


def _conclude(
    chart: ControlChart, trend: TrendResult, labels: Sequence[str], good_direction: str, method: Method
) -> tuple[Direction, Side | None, str]:
    if isnan(chart.values[-1]):
        return Direction.NOT_ENOUGH_DATA, None, f"There is no figure for {labels[-1]}."
    if chart.count < method.fewest or chart.limits is None:
        return Direction.NOT_ENOUGH_DATA, None, f"There are {chart.count} figures; {method.fewest} are needed."

    trend_side = {Trend.INCREASING: Side.HIGH, Trend.DECREASING: Side.LOW}.get(trend.trend)
    chart_sides = {signal.side for signal in chart.latest_signals}
    sides = chart_sides | ({trend_side} if trend_side else set())
    because = f"{_chart_words(chart, labels)} {_trend_words(trend, labels)}"
    if not sides:
        return Direction.NO_CHANGE, None, because
    if len(sides) > 1 or (not chart_sides and not chart.provisional):
        return Direction.METHODS_DISAGREE, None, because
    (moving,) = sides
    if good_direction == "none":
        return Direction.NO_JUDGEMENT, moving, because
    good = (moving is Side.HIGH) == (good_direction == "up")
    return Direction.IMPROVING if good else Direction.DETERIORATING, moving, because


def _chart_words(chart: ControlChart, labels: Sequence[str]) -> str:
    if not chart.latest_signals:
        return f"Control chart: no rule fires at {labels[-1]}."
    return f"Control chart: {'; '.join(_signal_words(signal, labels) for signal in chart.latest_signals)}."


_MOST_NAMED = 6
"""More points than these are counted and not named."""


def _signal_words(signal: Signal, labels: Sequence[str]) -> str:
    high = signal.side is Side.HIGH
    names = [labels[point] for point in signal.points]
    if signal.rule is Rule.OUTSIDE:
        return f"{names[0]} lies {'above the upper' if high else 'below the lower'} limit"
    if signal.rule is Rule.SHIFT:
        return f"{len(names)} points in a row lie {'above' if high else 'below'} the mean ({names[0]} to {names[-1]})"
    if signal.rule is Rule.TREND:
        return f"{len(names)} points in a row only {'rise' if high else 'fall'} ({names[0]} to {names[-1]})"
    many = f"{len(names)} points from {names[0]} to {names[-1]}"
    said = many if len(names) > _MOST_NAMED else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"two of three points lie near or beyond the {'upper' if high else 'lower'} limit ({said})"


def _trend_words(trend: TrendResult, labels: Sequence[str]) -> str:
    if trend.trend is Trend.NOT_POSSIBLE:
        return f"Recent trend: cannot be calculated without {POINTS} figures that have intervals."
    says = {
        Trend.INCREASING: "rise by more than chance",
        Trend.DECREASING: "fall by more than chance",
        Trend.NO_TREND: "show no significant trend",
    }[trend.trend]
    return f"Recent trend: the last five points {says} ({labels[trend.points[0]]} to {labels[trend.points[-1]]})."
