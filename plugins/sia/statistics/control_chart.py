"""XmR control charts: is a movement more than the measure's own ordinary ups and downs?

Method: Wheeler, "Understanding Variation" (1993), with the rules and constants of NHS England's Making Data
Count as NHSRplotthedots computes them (``R/ptd_spc_standard.R``, ``vignettes/deviations.Rmd``). Limits are
2.66 mean moving ranges from the mean. ``docs/statistics.md`` says where we differ and why.

A series is a sequence of values at equal steps of time, oldest first; NaN is a period without a figure.
Nothing is carried across such a gap: no moving range, no run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import pairwise
from math import fsum, isclose, isnan, nan, sqrt
from typing import Literal

from sia.statistics.method import FIRM_FROM

LIMIT = 2.66
NEAR_LIMIT = 2 / 3 * LIMIT
SCREEN = 3.267
RUN = 7
_RANGE_OF_DEVIATION = 3 / LIMIT
"""The mean moving range of a variable with a standard deviation of 1."""


class Rule(StrEnum):
    """The four rules by which a movement is more than ordinary variation.

    ``OUTSIDE``: a point is outside the limits. ``SHIFT``: seven points in a row are on one side of the mean. ``TREND``:
    seven points in a row only rise, or only fall. ``NEAR``: two of three points are near or beyond the same limit.
    """

    OUTSIDE = "outside"
    SHIFT = "shift"
    TREND = "trend"
    NEAR = "near"


class Side(Enum):
    """Which way a signal points: to higher or to lower values."""

    LOW = -1
    HIGH = 1


class Assurance(StrEnum):
    """What the limits promise about a target, if nothing changes; or whether it was met, where a year decides."""

    WILL_MEET = "will_meet"
    WILL_MISS = "will_miss"
    HIT_OR_MISS = "hit_or_miss"
    MET = "met"
    MISSED = "missed"

    @property
    def is_miss(self) -> bool:
        """Whether the target was missed, or will be."""
        return self in {Assurance.WILL_MISS, Assurance.MISSED}


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean and limits in the unit of the series. Not cut at 0, though a count cannot fall below it."""

    mean: float
    mean_moving_range: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that fired, which way, and at which points: indices into the whole series, oldest first."""

    rule: Rule
    side: Side
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart of the part of a series that follows its last break.

    ``start`` is the index of the first period that is judged; ``count`` how many figures are judged;
    ``limits`` is absent where no two neighbouring periods have figures. ``provisional``: fewer figures
    than firm limits need.
    """

    values: tuple[float, ...]
    start: int
    count: int
    limits: Limits | None
    signals: tuple[Signal, ...]
    provisional: bool

    @property
    def latest_signals(self) -> tuple[Signal, ...]:
        """The signals in which the last period takes part: what is happening now."""
        return tuple(signal for signal in self.signals if len(self.values) - 1 in signal.points)


def control_chart(
    values: Sequence[float],
    *,
    breaks: Collection[int] = (),
    screening: bool = True,
    firm_from: int = FIRM_FROM,
    per_unit: float = nan,
    set_aside: Collection[int] = (),
) -> ControlChart:
    """Chart a series.

    Args:
        values: oldest first, NaN where there is no figure.
        breaks: indices of the periods with which the series starts again; the last decides.
        screening: leave moving ranges of 3.267 mean moving ranges and more out of the limits, once.
        firm_from: how many figures make the limits firm.
        per_unit: how many incidents make one unit of a value; limits are then never tighter than those of a Poisson
            variable. NaN where values do not count incidents.
        set_aside: indices of periods that are shown and not judged.

    Raises:
        IndexError: a break is outside the series.
    """
    if any(not 0 <= index < len(values) for index in breaks):
        raise IndexError("a break is outside the series")
    start = max(breaks, default=0)
    judged = tuple(nan if index < start or index in set_aside else float(value) for index, value in enumerate(values))
    count = sum(not isnan(value) for value in judged)
    limits = _limits(judged, screening, per_unit)
    return ControlChart(
        values=tuple(float(value) for value in values),
        start=start,
        count=count,
        limits=limits,
        signals=_signals(judged, limits) if limits else (),
        provisional=count < firm_from,
    )


def assurance(limits: Limits, target: float, good_direction: Literal["up", "down"]) -> Assurance:
    """Whether the process as it runs now will meet a target: only a target outside the limits is certain.

    Source: NHSRplotthedots ``R/ptd_calculate_assurance_type.R``. A target on a limit is hit or miss.
    """
    if limits.lower <= target <= limits.upper:
        return Assurance.HIT_OR_MISS
    return Assurance.WILL_MEET if (target < limits.lower) == (good_direction == "up") else Assurance.WILL_MISS


def met_or_missed(figure: float, target: float, good_direction: Literal["up", "down"]) -> Assurance:
    """Whether a figure reached a target, which chance has no part in."""
    return Assurance.MET if figure == target or (figure > target) == (good_direction == "up") else Assurance.MISSED


def _limits(values: Sequence[float], screening: bool, per_unit: float) -> Limits | None:
    known = [value for value in values if not isnan(value)]
    ranges = [abs(after - before) for before, after in pairwise(values) if not isnan(after - before)]
    if not ranges:
        return None
    mean_range = _mean(ranges)
    ordinary = [moving for moving in ranges if moving < SCREEN * mean_range]
    # Where only stillness would be left (mostly zeros), every zero would be outside its own limits.
    if screening and any(ordinary):
        mean_range = _mean(ordinary)
    mean = _mean(known)
    if per_unit > 0 and mean > 0:
        mean_range = max(mean_range, _RANGE_OF_DEVIATION * sqrt(mean / per_unit))
    return Limits(mean, mean_range, mean - LIMIT * mean_range, mean + LIMIT * mean_range)


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _signals(values: Sequence[float], limits: Limits) -> tuple[Signal, ...]:
    """Every rule's signals, in the order of the rules; the points of overlapping runs are one signal."""
    near = NEAR_LIMIT * limits.mean_moving_range
    signals = []
    for side in Side:
        # Away from the mean towards this side. What only binary arithmetic separates from a line is on it.
        away = [_noiseless(side.value * (value - limits.mean), limits) for value in values]
        rises = [nan, *(_noiseless(side.value * (after - before), limits) for before, after in pairwise(values))]
        limit = LIMIT * limits.mean_moving_range
        outside: list[tuple[int, ...]] = [(i,) for i, x in enumerate(away) if x > 0 and _beyond(x, limit)]
        shift = _joined(_windows(away, RUN, lambda x: x > 0))
        # Six rises join seven points: the window of rises is one shorter, and its first rise starts a point earlier.
        trend = _joined((window[0] - 1, *window) for window in _windows(rises, RUN - 1, lambda x: x > 0))
        two_of_three = _joined(
            beyond
            for first in range(len(away) - 2)
            if not any(isnan(x) for x in away[first : first + 3])
            and len(beyond := tuple(i for i in range(first, first + 3) if away[i] > 0 and _beyond(away[i], near))) >= 2
        )
        fired = {Rule.OUTSIDE: outside, Rule.SHIFT: shift, Rule.TREND: trend, Rule.NEAR: two_of_three}
        signals += [Signal(rule, side, run) for rule, runs in fired.items() for run in runs]
    return tuple(sorted(signals, key=lambda signal: (list(Rule).index(signal.rule), signal.points)))


def _noiseless(difference: float, limits: Limits) -> float:
    scale = max(abs(limits.mean), limits.mean_moving_range)
    return 0.0 if abs(difference) <= 1e-9 * scale else difference


def _beyond(distance: float, line: float) -> bool:
    return distance > line and not isclose(distance, line, rel_tol=1e-9)


def _windows(values: Sequence[float], length: int, holds: Callable[[float], bool]) -> Iterator[tuple[int, ...]]:
    for first in range(len(values) - length + 1):
        if all(holds(value) for value in values[first : first + length]):
            yield tuple(range(first, first + length))


def _joined(runs: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Windows that share points, as one run each."""
    joined: list[tuple[int, ...]] = []
    for run in runs:
        if joined and run[0] <= joined[-1][-1]:
            joined[-1] = (*joined[-1], *(point for point in run if point > joined[-1][-1]))
        else:
            joined.append(run)
    return joined
