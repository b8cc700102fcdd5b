"""Intervals and rounding, by the methods that the field publishes.

Rates: Byar's approximation for counts of 10 and more, the exact Poisson interval by the chi-square
distribution below (Breslow and Day 1987, vol. II, p. 69; the method of Public Health England's
Technical Guide "Confidence intervals", 2018). Proportions: Wilson 1927. All intervals are of 95 per cent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from scipy.special import chdtri

_TAIL = 0.025
_Z = NormalDist().inv_cdf(1 - _TAIL)
_EXACT_BELOW = 10


class Interval(NamedTuple):
    """From where to where, both in the unit of what was estimated."""

    lower: float
    upper: float


class Estimate(NamedTuple):
    """A figure and its 95 per cent interval, all in one unit; NaN where there is none."""

    value: float
    lower: float
    upper: float


def half_up(value: float, places: int = 0) -> Decimal:
    """Round for people: a half goes away from zero, as taught in school and not as IEEE 754 does.

    The value is first read at 12 significant digits, so that the binary noise of a sum of pence does
    not decide which way a half goes. A number too large for that is read at as many as it needs, 15 at most.
    """
    wanted = len(f"{abs(value):.0f}") + places + 2
    rounded = Decimal(f"{value:.{min(15, max(12, wanted))}g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return abs(rounded) if rounded.is_zero() else rounded


def count_interval(count: float) -> Interval:
    """The interval of a count that came about by chance at a steady rate.

    Raises:
        ValueError: the count is negative, or is not a number.
    """
    if not count >= 0:
        raise ValueError("a count cannot be negative, and is a number")
    if count < _EXACT_BELOW:
        lower = float(chdtri(2 * count, 1 - _TAIL)) / 2 if count else 0.0
        return Interval(lower, float(chdtri(2 * count + 2, _TAIL)) / 2)
    above = count + 1
    return Interval(
        count * (1 - 1 / (9 * count) - _Z / (3 * sqrt(count))) ** 3,
        above * (1 - 1 / (9 * above) + _Z / (3 * sqrt(above))) ** 3,
    )


def rate(count: float, residents: int) -> float:
    """How many for each 1,000 residents.

    Raises:
        ValueError: there are no residents.
    """
    if residents <= 0:
        raise ValueError("a rate needs residents")
    return 1000 * count / residents


def rate_interval(count: float, residents: int) -> Interval:
    """The interval of a rate per 1,000 residents; the residents are taken as known.

    Raises:
        ValueError: the count is negative or there are no residents.
    """
    lower, upper = count_interval(count)
    return Interval(rate(lower, residents), rate(upper, residents))


def proportion_interval(part: float, whole: float) -> Interval:
    """Wilson's interval of a proportion, as fractions of 1.

    Raises:
        ValueError: the part is not between 0 and the whole, or the whole is 0.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError("a proportion is a part of a whole that is not 0")
    rest = whole - part
    middle = 2 * part + _Z**2
    spread = _Z * sqrt(_Z**2 + 4 * part * rest / whole)
    below = 2 * (whole + _Z**2)
    # At 0 and at the whole the formula gives exactly 0 and 1; binary arithmetic misses them by a hair.
    return Interval(
        (middle - spread) / below if part else 0.0,
        (middle + spread) / below if rest else 1.0,
    )
