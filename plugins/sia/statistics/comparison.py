"""Areas compared: with a benchmark, inside a funnel, and in order where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple

from scipy.special import pdtr, pdtrik

from sia.statistics.intervals import Interval

GoodDirection = Literal["up", "down", "none"]
"""Which direction of travel is good; ``none`` where neither is."""


class Benchmark(StrEnum):
    """How an area compares with a benchmark; better and worse only for a measure with a good direction."""

    LOWER = "lower"
    HIGHER = "higher"
    BETTER = "better"
    WORSE = "worse"
    SIMILAR = "similar"


def compare_with_benchmark(interval: Interval, benchmark: float, good_direction: GoodDirection = "none") -> Benchmark:
    """How an area compares with a benchmark: they differ only if the benchmark is outside the area's interval.

    Method: Fingertips, ``BenchmarkComparisonEngine`` (confidence intervals overlapping a single value).
    """
    if interval.lower <= benchmark <= interval.upper:
        return Benchmark.SIMILAR
    higher = interval.lower > benchmark
    if good_direction == "none":
        return Benchmark.HIGHER if higher else Benchmark.LOWER
    return Benchmark.BETTER if higher == (good_direction == "up") else Benchmark.WORSE


class FunnelLimits(NamedTuple):
    """The fewest and the most incidents that chance explains at the benchmark's rate, 95 and 99.8 times in 100."""

    expected: float
    lower_998: int
    lower_95: int
    upper_95: int
    upper_998: int


def spread_between(benchmark_rate: float, others: Sequence[tuple[float, int]]) -> float:
    """The standard deviation of areas' rates around a benchmark beyond chance; 0 if chance explains all.

    Additive random effects by the method of moments (Spiegelhalter 2005, Quality and Safety in Health Care 14:347),
    with the benchmark taken as known.

    Args:
        benchmark_rate: incidents for each 1,000 residents.
        others: incidents and residents of each area; at least two.
    """
    if len(others) < 2 or benchmark_rate <= 0:
        return 0.0
    # The variance of a rate by chance is the benchmark for each 1,000 residents; a weight is its inverse.
    weights = [persons / 1000 / benchmark_rate for _, persons in others]
    rates = [1000 * count / persons for count, persons in others]
    squares = sum(weight * (own - benchmark_rate) ** 2 for weight, own in zip(weights, rates, strict=True))
    total = sum(weights)
    beyond = (squares - (len(others) - 1)) / (total - sum(weight**2 for weight in weights) / total)
    return sqrt(max(0.0, beyond))


def funnel(benchmark_rate: float, residents: int, spread: float = 0.0) -> FunnelLimits:
    """The funnel around a rate at a population, as whole incidents.

    Exact prediction limits of the Poisson distribution (Spiegelhalter 2005, Statistics in Medicine 24:1185),
    without interpolation, so that a count outside a limit has at most the stated chance. Prediction limits and
    not Byar's confidence interval, which makes the chance of a false alarm differ between the two ends
    (Seaton and Manktelow 2012, BMC Medical Research Methodology 12:98).

    Where areas differ beyond chance, limits are those of a normal distribution with both variances, and never narrower.

    Args:
        benchmark_rate: incidents for each 1,000 residents.
        residents: of the area.
        spread: the standard deviation of areas' rates beyond chance.

    Raises:
        ValueError: the rate is negative or there are no residents.
    """
    if benchmark_rate < 0 or residents <= 0:
        raise ValueError("a funnel needs residents and a rate that is not negative")
    expected = benchmark_rate * residents / 1000
    lower_998, lower_95, upper_95, upper_998 = (
        _poisson_quantile(chance, expected) for chance in (0.001, 0.025, 0.975, 0.999)
    )
    if spread <= 0:
        return FunnelLimits(expected, lower_998, lower_95, upper_95, upper_998)
    deviation = sqrt(expected + (spread * residents / 1000) ** 2)
    half_95, half_998 = (NormalDist().inv_cdf(1 - tail) * deviation for tail in (0.025, 0.001))
    return FunnelLimits(
        expected,
        min(lower_998, max(0, ceil(expected - half_998))),
        min(lower_95, max(0, ceil(expected - half_95))),
        max(upper_95, floor(expected + half_95)),
        max(upper_998, floor(expected + half_998)),
    )


def _poisson_quantile(chance: float, expected: float) -> int:
    """The smallest count that a Poisson variable exceeds with at most the rest of a chance."""
    if not expected:
        return 0
    count = max(0, ceil(float(pdtrik(chance, expected))))
    # The inverse of the continuous distribution may be one too many.
    return count - 1 if count > 0 and pdtr(count - 1, expected) >= chance else count


@dataclass(frozen=True, slots=True)
class Distance:
    """How many whole incidents a count is away from a limit.

    ``outside``: so many fewer (above) or more (below) would bring it back inside; otherwise so many more
    (above) or fewer (below) would take it outside. ``above``: the nearer limit is the upper one.
    """

    incidents: int
    above: bool
    outside: bool


def distance_to_limit(count: float, limits: Interval) -> Distance | None:
    """How far a count is from the nearer of two limits, themselves counts; a limit itself is inside.

    There is none if whole incidents take the count over both limits at once.

    A lower limit at or below 0 is none, since no count can fall below it.

    Raises:
        ValueError: the limits are the wrong way round.
    """
    if limits.lower > limits.upper:
        raise ValueError("a lower limit is above an upper one")
    if count > limits.upper:
        fewer = ceil(count - limits.upper)
        return Distance(fewer, above=True, outside=True) if count - fewer >= max(0.0, limits.lower) else None
    if count < limits.lower:
        more = ceil(limits.lower - count)
        return Distance(more, above=False, outside=True) if count + more <= limits.upper else None
    to_upper = Distance(floor(limits.upper - count) + 1, above=True, outside=False)
    if limits.lower <= 0:
        return to_upper
    to_lower = Distance(floor(count - limits.lower) + 1, above=False, outside=False)
    return min(to_upper, to_lower, key=lambda distance: distance.incidents)


class Rank(NamedTuple):
    """The highest and the lowest place that an area may hold; 1 is the highest value."""

    first: int
    last: int

    @property
    def place(self) -> int | None:
        """The place, if the intervals leave only one."""
        return self.first if self.first == self.last else None


def ranks(intervals: Mapping[str, Interval]) -> dict[str, Rank]:
    """The places that areas may hold, highest value first: an area is before another only if their intervals part.

    Ranking by estimates alone invites reading chance as order (Goldstein and Spiegelhalter 1996, JRSS A 159:385).
    """
    return {
        area: Rank(
            1 + sum(other.lower > own.upper for other in intervals.values()),
            len(intervals) - sum(other.upper < own.lower for other in intervals.values()),
        )
        for area, own in intervals.items()
    }
