"""Direction of travel: what two methods together find in a series, with an explanation that names their rules.

The control chart judges a series by its own ordinary variation. The recent trend judges its last five points by chance.
They are read together as follows (``docs/statistics.md`` gives the reasons):

=========================  =============================  ==================
control chart              recent trend                   direction
=========================  =============================  ==================
a signal                   agrees, none, not possible     the chart's
a signal                   the other way                  methods disagree
signals both ways          any                            methods disagree
none, limits firm          a trend                        methods disagree
none, limits provisional   a trend                        the trend's
none                       none, not possible             no clear trend
=========================  =============================  ==================

Only signals in which the last period takes part count. No explanation contains a value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from sia.statistics.comparison import GoodDirection
from sia.statistics.control_chart import FIRM_FROM, ControlChart, Rule, Side, Signal, control_chart
from sia.statistics.trend import POINTS, SIGNIFICANCE, Estimate, Trend, TrendResult, recent_trend


class Direction(StrEnum):
    """What a series is found to do."""

    IMPROVING = "improving"
    DETERIORATING = "deteriorating"
    NO_CLEAR_TREND = "no_clear_trend"
    NOT_ENOUGH_DATA = "not_enough_data"
    METHODS_DISAGREE = "methods_disagree"
    NO_JUDGEMENT = "no_judgement"


@dataclass(frozen=True, slots=True)
class Method:
    """The settings of both methods. With fewer figures than ``fewest`` there is no direction."""

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
    """A dated change after which figures cannot be compared with earlier ones: the period it begins with, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A direction with its reasons.

    ``moving``: ``HIGH`` rising, ``LOW`` falling, ``None`` neither or not known. ``explanation``: sentences that name
    the rules and their periods. ``provisional``: the control chart has too few figures for firm limits.
    """

    direction: Direction
    moving: Side | None
    explanation: str
    provisional: bool
    chart: ControlChart
    trend: TrendResult


def direction_of_travel(
    periods: Sequence[Period],
    good_direction: GoodDirection,
    *,
    breaks: Collection[Break] = (),
    method: Method | None = None,
) -> Verdict:
    """Judge a series at its last period.

    Args:
        periods: at equal steps of time, oldest first, none left out; the last is the one that is judged.
        good_direction: where the measure should go; without one a movement is not judged.
        breaks: dated changes within the series; only what follows the last is judged.
        method: the settings of the methods; their published defaults if not given.

    Raises:
        ValueError: there are no periods, or a break begins with none of them.
    """
    if not periods:
        raise ValueError("a direction needs periods")
    method = method or Method()
    labels = [period.label for period in periods]
    starts = {labels.index(entry.label): entry for entry in breaks}
    chart = control_chart(
        [period.estimate.value for period in periods],
        breaks=starts,
        screening=method.screening,
        firm_from=method.firm_from,
    )
    since = [period.estimate for period in periods[chart.start :]]
    recent = recent_trend(since, significance=method.significance)
    trend = TrendResult(recent.trend, recent.chi_squared, tuple(chart.start + point for point in recent.points))

    direction, moving, explanation = _conclude(chart, trend, labels, good_direction, method)
    if starts:
        explanation += f" Judged from {labels[chart.start]} only: {starts[chart.start].reason}."
    if chart.provisional and direction is not Direction.NOT_ENOUGH_DATA:
        explanation += (
            f" The usual range is provisional: it rests on {chart.count} figures and is firm from {method.firm_from}."
        )
    return Verdict(direction, moving, explanation, chart.provisional, chart, trend)


def _conclude(
    chart: ControlChart, trend: TrendResult, labels: Sequence[str], good_direction: GoodDirection, method: Method
) -> tuple[Direction, Side | None, str]:
    if isnan(chart.values[-1]):
        return Direction.NOT_ENOUGH_DATA, None, f"There is no figure for {labels[-1]}."
    if chart.count < method.fewest or chart.limits is None:
        many = "is 1 figure" if chart.count == 1 else f"are {chart.count} figures"
        return Direction.NOT_ENOUGH_DATA, None, f"There {many}; at least {method.fewest} are needed."

    trend_side = {Trend.INCREASING: Side.HIGH, Trend.DECREASING: Side.LOW}.get(trend.trend)
    chart_sides = {signal.side for signal in chart.latest_signals}
    sides = chart_sides | ({trend_side} if trend_side else set())
    explanation = f"{_chart_sentence(chart, labels)} {_trend_sentence(trend, labels)}"
    if not sides:
        return Direction.NO_CLEAR_TREND, None, explanation
    if len(sides) > 1 or (not chart_sides and not chart.provisional):
        return Direction.METHODS_DISAGREE, None, explanation
    (moving,) = sides
    if good_direction == "none":
        return Direction.NO_JUDGEMENT, moving, explanation
    good = (moving is Side.HIGH) == (good_direction == "up")
    return Direction.IMPROVING if good else Direction.DETERIORATING, moving, explanation


def _chart_sentence(chart: ControlChart, labels: Sequence[str]) -> str:
    if not chart.latest_signals:
        return f"{labels[-1]} is within its usual range."
    words = "; ".join(_signal_words(signal, labels) for signal in chart.latest_signals)
    return f"{words[0].upper()}{words[1:]}."


_MAX_NAMED = 6
"""More points than these are counted and not named."""


def _signal_words(signal: Signal, labels: Sequence[str]) -> str:
    high = signal.side is Side.HIGH
    names = [labels[point] for point in signal.points]
    run = f"{names[0]} to {names[-1]}"
    match signal.rule:
        case Rule.OUTSIDE:
            return f"{names[0]} is {'above' if high else 'below'} its usual range"
        case Rule.SHIFT:
            return f"{len(names)} figures in a row are {'above' if high else 'below'} the average ({run})"
        case Rule.TREND:
            return f"{len(names)} figures in a row {'rise' if high else 'fall'} each time ({run})"
        case Rule.NEAR:
            listed = f"{', '.join(names[:-1])} and {names[-1]}"
            several = listed if len(names) <= _MAX_NAMED else f"{len(names)} figures from {run}"
            limit = "the top of the usual range, or above it" if high else "the bottom of the usual range, or below it"
            return f"two of three figures are close to {limit} ({several})"


def _trend_sentence(trend: TrendResult, labels: Sequence[str]) -> str:
    if trend.trend is Trend.NOT_POSSIBLE:
        return f"The trend test needs {POINTS} figures with intervals."
    run = f"{labels[trend.points[0]]} to {labels[trend.points[-1]]}"
    words = {
        Trend.INCREASING: "rise by more than chance would explain",
        Trend.DECREASING: "fall by more than chance would explain",
        Trend.NO_TREND: "show no clear trend",
    }
    return f"The last five figures ({run}) {words[trend.trend]}."
