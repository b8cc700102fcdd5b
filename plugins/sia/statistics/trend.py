"""The recent trend: do the last five points rise or fall by more than chance?

Method: Fingertips (OHID), a chi-squared test of the slope of a line through the last five valid points, each
weighted by its interval; the slope must have one sign in that fit and in the five that leave one point out
(``DHSC.FingertipsNext`` ``TrendMarkerCalculator``). Points are numbered 1 to 5 whatever lies between them, as
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri

POINTS = 5
SIGNIFICANCE = 0.002
_WIDTH = 3.92
"""The width of a 95 per cent interval in standard errors, as Fingertips rounds it."""


class Trend(StrEnum):
    """What the test says of the last five points."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    NO_TREND = "no significant trend"
    NOT_POSSIBLE = "cannot be calculated"


class Estimate(NamedTuple):
    """A figure and its 95 per cent interval, all in one unit; NaN where there is none."""

    value: float
    lower: float
    upper: float

    @property
    def valid(self) -> bool:
        """Whether the figure can be weighted: it is there, and its interval has a width."""
        return not any(isnan(each) for each in self) and self.upper > self.lower


@dataclass(frozen=True, slots=True)
class TrendResult:
    """What the test says, its statistic, and the points that it used: indices into the series, oldest first."""

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
    used = np.array([estimates[index] for index in points])
    values, weights = used[:, 0], ((used[:, 2] - used[:, 1]) / _WIDTH) ** -2.0
    slope, variance = _slope(values, weights, np.arange(POINTS))
    chi_squared = slope**2 / variance
    signs = {np.sign(slope)} | {
        np.sign(_slope(values, weights, np.delete(np.arange(POINTS), left_out))[0]) for left_out in range(POINTS)
    }
    if chi_squared <= chdtri(1, significance) or len(signs) > 1:
        return TrendResult(Trend.NO_TREND, chi_squared, points)
    return TrendResult(Trend.INCREASING if slope > 0 else Trend.DECREASING, chi_squared, points)


def _slope(values: np.ndarray, weights: np.ndarray, chosen: np.ndarray) -> tuple[float, float]:
    """The weighted least-squares slope of the chosen points, and its variance."""
    weight = weights[chosen]
    step = chosen - np.average(chosen, weights=weight)
    spread = float(np.sum(weight * step**2))
    return float(np.sum(weight * step * values[chosen])) / spread, 1 / spread
