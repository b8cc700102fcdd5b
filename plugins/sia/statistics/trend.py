"""The recent trend: do the last five points rise or fall by more than chance?

Method: Fingertips (OHID), a chi-squared test of the slope of a line through the last five valid points, each
weighted by its interval; the slope must have one sign in that fit and in the five that leave one point out
(``DHSC.FingertipsNext`` ``TrendMarkerCalculator``). Points are numbered 1 to 5 whatever is between them, as
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import NamedTuple

from scipy.special import chdtri

POINTS = 5
SIGNIFICANCE = 0.002
_WIDTH = 3.92
"""The width of a 95 per cent interval in standard errors, as Fingertips rounds it."""


class Trend(StrEnum):
    """What the test finds in the last five points."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    NO_TREND = "no_trend"
    NOT_POSSIBLE = "not_possible"


class Estimate(NamedTuple):
    """A figure and its 95 per cent interval, all in one unit; NaN where there is none."""

    value: float
    lower: float
    upper: float

    @property
    def valid(self) -> bool:
        """Whether the figure can be weighted: it is there, and its interval has a width."""
        return not any(isnan(part) for part in self) and self.upper > self.lower


@dataclass(frozen=True, slots=True)
class TrendResult:
    """What the test finds, its statistic, and the points that it used: indices into the series, oldest first."""

    trend: Trend
    chi_squared: float | None = None
    points: tuple[int, ...] = ()


def recent_trend(estimates: Sequence[Estimate], *, significance: float = SIGNIFICANCE) -> TrendResult:
    """Test the last five valid points of a series.

    Args:
        estimates: oldest first.
        significance: the chance at which a slope of no trend is taken for one; 0.002 asks for a
            chi-squared above 9.549536.
    """
    points = tuple(index for index, estimate in enumerate(estimates) if estimate.valid)[-POINTS:]
    if len(points) < POINTS:
        return TrendResult(Trend.NOT_POSSIBLE)
    steps = [_Step(number, *_weighted(estimates[index])) for number, index in enumerate(points)]
    slope, variance = _slope(steps)
    chi_squared = slope**2 / variance
    slopes = [slope, *(_slope(steps[:left_out] + steps[left_out + 1 :])[0] for left_out in range(POINTS))]
    one_sign = all(part > 0 for part in slopes) or all(part < 0 for part in slopes)
    if chi_squared <= chdtri(1, significance) or not one_sign:
        return TrendResult(Trend.NO_TREND, chi_squared, points)
    return TrendResult(Trend.INCREASING if slope > 0 else Trend.DECREASING, chi_squared, points)


class _Step(NamedTuple):
    """A point by its number, its value and its weight."""

    number: int
    value: float
    weight: float


def _weighted(estimate: Estimate) -> tuple[float, float]:
    """A value and its weight: the inverse of its squared standard error."""
    return estimate.value, ((estimate.upper - estimate.lower) / _WIDTH) ** -2.0


def _slope(steps: Sequence[_Step]) -> tuple[float, float]:
    """The weighted least-squares slope of a line through some points, and its variance."""
    middle = sum(step.weight * step.number for step in steps) / sum(step.weight for step in steps)
    spread = sum(step.weight * (step.number - middle) ** 2 for step in steps)
    return sum(step.weight * (step.number - middle) * step.value for step in steps) / spread, 1 / spread
