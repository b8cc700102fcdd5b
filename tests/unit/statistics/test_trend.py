"""The recent trend, against the published unit tests of Fingertips."""

from math import nan

import numpy as np
import pytest

from sia.statistics.intervals import rate_interval
from sia.statistics.trend import Estimate, Trend, recent_trend

# FingertipsNext, TrendMarkerCalculatorTests: value, lower, upper, newest first.
DIABETES = [
    (7.6554, 7.6481, 7.6669), (7.4528, 7.4456, 7.4643), (7.2571, 7.2499, 7.2684),
    (7.1085, 7.1013, 7.1199), (7.0826, 7.0754, 7.0940),
]  # fmt: skip
MMR = [
    (90.1013, 89.8578, 90.3396), (90.0170, 89.7694, 90.2594), (90.8708, 90.6358, 91.1004), (92.3221, 92.1072, 92.5315),
    (92.6254, 92.4168, 92.8288),
]  # fmt: skip
EYE_DISEASE = [
    (3.0121, 2.8616, 3.1683), (2.8701, 2.7225, 3.0237), (2.7567, 2.6113, 2.9082),
    (1.93028, 1.8085, 2.0580), (2.9350, 2.7841, 3.0919),
]  # fmt: skip


def counts(*counts: int) -> list[Estimate]:
    return [Estimate(count / 100, *rate_interval(count, 100_000)) for count in counts]


@pytest.mark.parametrize(
    ("newest_first", "trend", "chi_squared"),
    [
        (DIABETES, Trend.INCREASING, "9740.1022"),
        (MMR, Trend.DECREASING, "418.5366"),
        (EYE_DISEASE, Trend.INCREASING, "33.4858"),
    ],
)
def test_goldens_of_fingertips(newest_first: list[tuple[float, float, float]], trend: Trend, chi_squared: str) -> None:
    result = recent_trend([Estimate(*numbers) for numbers in reversed(newest_first)])
    assert (result.trend, f"{result.chi_squared:.4f}") == (trend, chi_squared)


@pytest.mark.parametrize(
    ("series", "trend", "chi_squared"),
    [([100, 104, 98, 103, 101], Trend.NO_TREND, "0.0011"), ([100, 120, 140, 165, 190], Trend.INCREASING, "33.9647")],
)
def test_goldens_of_counts(series: list[int], trend: Trend, chi_squared: str) -> None:
    # Recomputed with numpy from Byar's intervals, independently of this project.
    result = recent_trend(counts(*series))
    assert (result.trend, f"{result.chi_squared:.4f}") == (trend, chi_squared)


def test_one_point_that_makes_the_trend_alone_does_not_make_one() -> None:
    result = recent_trend(counts(100, 99, 98, 97, 300))
    assert result.chi_squared is not None
    assert result.chi_squared > 9.549536
    assert result.trend is Trend.NO_TREND


def test_the_slope_is_numpys() -> None:
    estimates = counts(100, 120, 118, 165, 190)
    width = np.array([estimate.upper - estimate.lower for estimate in estimates])
    polynomial, covariance = np.polyfit(
        range(5), [estimate.value for estimate in estimates], 1, w=3.92 / width, cov="unscaled"
    )
    assert recent_trend(estimates).chi_squared == pytest.approx(polynomial[0] ** 2 / covariance[0, 0])


def test_the_last_five_valid_points_are_used() -> None:
    missing = Estimate(nan, nan, nan)
    without_width = Estimate(1.0, 1.0, 1.0)
    series = [*counts(900, 100, 120), missing, *counts(140), without_width, *counts(165, 190)]
    result = recent_trend(series)
    assert result.points == (1, 2, 4, 6, 7)
    assert f"{result.chi_squared:.4f}" == "33.9647"


@pytest.mark.parametrize("count", [0, 1, 4])
def test_under_five_points_there_is_no_result(count: int) -> None:
    result = recent_trend(counts(*[100] * count))
    assert (result.trend, result.chi_squared, result.points) == (Trend.NOT_POSSIBLE, None, ())


def test_the_order_decides_the_direction() -> None:
    assert recent_trend(counts(190, 165, 140, 120, 100)).trend is Trend.DECREASING


def test_significance_is_a_setting() -> None:
    mild = counts(100, 106, 112, 118, 124)
    assert recent_trend(mild).trend is Trend.NO_TREND
    assert recent_trend(mild, significance=0.2).trend is Trend.INCREASING
