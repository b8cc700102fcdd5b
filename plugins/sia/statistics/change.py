"""Whether a measure changed by more than chance and the season explain.

Two comparisons, in both of which the season cancels: the last twelve months with earlier years, and the last quarter
with the same quarters of earlier years. Given the total of both sides, the later side is a binomial share of it
(Przyborowski and Wilenski 1940), which is exact for small counts. Counts are divided by their dispersion, which is
estimated from the series; what exceeds chance is taken to last into the next periods. The chance is read from a t
distribution, because the dispersion is an estimate. ``docs/statistics.md`` gives the reasons, and
``benchmarks/results-calibration.md`` how often it errs.

After a lasting shift, earlier years are those at the new level. Periods that are ``set_aside``, for example of pandemic
restrictions, are kept out of earlier years.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, inf, isnan, nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtr, ndtri, stdtr, stdtrit

Array = NDArray[np.float64]

_SHIFT_CHANCE = 0.001
"""The chance at which an earlier change of level is taken for a lasting shift."""

_POWER = 0.8
"""How often a change of the detectable size is found."""

_MIN_DEGREES = 2
"""With fewer degrees of freedom the dispersion is not known well enough for a comparison."""

_MONTHS = 12
_LASTING_BY_MONTH = 0.5
_LASTING_BY_QUARTER = 0.3
"""The correlation of what exceeds chance with the next month or quarter. No series is long enough to tell its own."""

_SEASON_KNOWN_AFTER = 3
"""Years after which a single period is compared season for season."""

_ROUNDS = 8
"""Rounds of fitting level and season in turn; without gaps the second changes nothing."""

MAX_DETECTABLE = 2.5
"""A comparison that could not see a rise to so many times is too small to tell."""

_BEYOND_DOUBT = 1e-7
"""Unless chance alone shows so much in 1 of 10 million cases: nothing in four years, and then twenty."""


class Quantity(StrEnum):
    """What a series holds, which decides its least dispersion.

    ``COUNT``: incidents, which chance spreads at least as a Poisson variable. ``SHARE``: parts of a whole, at least as
    a binomial variable. ``AMOUNT``: pounds or days, of which chance alone says nothing.
    """

    COUNT = "count"
    SHARE = "share"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The later side of a comparison with the earlier one.

    ``ratio``: of the later rate to the earlier, season for season; ``lower`` and ``upper``: its 95 per cent interval.
    ``chance``: how often a ratio so far from 1, either way, comes about if nothing changed. ``detectable_rise`` and
    ``detectable_fall``: the ratios that are found four times in five at 1 in 100.
    """

    ratio: float
    lower: float
    upper: float
    chance: float
    detectable_rise: float
    detectable_fall: float

    @property
    def can_tell(self) -> bool:
        """Whether a rise to ``MAX_DETECTABLE`` times would be found, or what is seen is beyond doubt."""
        return self.detectable_rise <= MAX_DETECTABLE or self.chance <= _BEYOND_DOUBT


@dataclass(frozen=True, slots=True)
class Change:
    """What a series says about its last twelve months.

    ``year`` and ``quarter``: the comparisons, none where too little can be compared. ``since``: the index of the first
    period of the earlier side: that of a lasting shift, or 0. ``dispersion``: how many times the least spread that
    chance alone gives. ``season``: the factor of each period, about 1 on average; 1 where the season is not known.
    """

    year: Comparison | None
    quarter: Comparison | None
    since: int
    dispersion: float
    season: tuple[float, ...]

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Those of the two comparisons that can tell."""
        return tuple(part for part in (self.year, self.quarter) if part and part.can_tell)

    @property
    def chance(self) -> float:
        """How often either comparison would show so much if nothing changed; NaN without comparisons.

        Two comparisons have two chances to err, so the smaller is doubled (Bonferroni).
        """
        both = self.comparisons
        return min(1.0, len(both) * min(part.chance for part in both)) if both else nan


def judge_change(
    numbers: Sequence[float],
    exposure: Sequence[float],
    per_year: int,
    *,
    quantity: Quantity = Quantity.COUNT,
    set_aside: Collection[int] = (),
) -> Change:
    """Compare the end of a series with its earlier years.

    Args:
        numbers: by period at equal steps, oldest first; NaN where there is none. Of a share, the parts.
        exposure: what the numbers grow with: days, residents times days, or the whole of a share.
        per_year: 12 for months, 4 for quarters. The last period ends a quarter.
        quantity: what the numbers are.
        set_aside: indices of periods that no earlier side holds.

    Raises:
        ValueError: numbers and exposure differ in length, or a count is negative.
    """
    counted, exposed = np.asarray(numbers, dtype=float), np.asarray(exposure, dtype=float)
    if counted.shape != exposed.shape:
        raise ValueError("each number needs its exposure")
    if quantity is not Quantity.AMOUNT and np.any(counted < 0):
        raise ValueError("a count cannot be negative")
    # A quarter of refunds alone is compared with nothing.
    known = np.isfinite(counted) & (counted >= 0) & (exposed > 0)
    if quantity is Quantity.SHARE:
        # More parts than the whole are not a share.
        known &= counted <= exposed
        # The rarer half carries the information, and is nearer to a Poisson variable.
        share = counted[known].sum() / max(1.0, exposed[known].sum())
        if share > 0.5:
            rest = _judge(exposed - counted, exposed, known, per_year, share, set_aside)
            earlier = (
                known & (np.arange(len(counted)) >= rest.since) & (np.arange(len(counted)) < len(counted) - per_year)
            )
            earlier[[index for index in set_aside if index < len(counted)]] = False
            part = counted[earlier].sum()
            return _turned(rest, (exposed[earlier].sum() - part) / part if part else 0.0)
        return _judge(counted, exposed, known, per_year, 1 - share, set_aside)
    return _judge(counted, exposed, known, per_year, 1.0 if quantity is Quantity.COUNT else 0.0, set_aside)


def compare_years(later: float, earlier: float, of_later: float, of_earlier: float, quantity: Quantity) -> Comparison:
    """Compare two years of which nothing shorter is known, as if chance alone spread them.

    They spread more as a rule. So it says what could not be seen even then, and not what is beyond chance.

    Args:
        later: the count of the last twelve months; of a share, its parts.
        earlier: that of the twelve months before.
        of_later: what the later count grows with: days, or the whole of a share.
        of_earlier: what the earlier one grows with.
        quantity: a count or a share.
    """
    total, of_both = later + earlier, of_later + of_earlier
    least = 1.0 if quantity is Quantity.COUNT else max(1e-12, 1 - total / of_both)
    return compare_counts(later, total, of_later / of_both, least, inf)


def compare_last(
    numbers: Sequence[float], exposure: Sequence[float], per_year: int, *, quantity: Quantity = Quantity.COUNT
) -> Comparison | None:
    """Compare the last period of a series with all before it; none if too few are known to say how far they spread.

    The spread is that of the earlier periods alone, so the last one cannot hide itself. From three earlier years on,
    periods are compared season for season; before, the season adds to the spread.

    Args:
        numbers: by period at equal steps, oldest first; NaN where there is none. Of a share, the parts.
        exposure: what the numbers grow with; the whole of a share.
        per_year: 12 for months, 4 for quarters.
        quantity: what the numbers are.

    Raises:
        ValueError: numbers and exposure differ in length.
    """
    counted, exposed = np.asarray(numbers, dtype=float), np.asarray(exposure, dtype=float)
    if counted.shape != exposed.shape:
        raise ValueError("each number needs its exposure")
    known = np.isfinite(counted) & (counted >= 0) & (exposed > 0)
    earlier, later = known.copy(), np.zeros(len(known), dtype=bool)
    earlier[-1:], later[-1:] = False, known[-1:]
    if not later.any():
        return None
    least = {Quantity.COUNT: 1.0, Quantity.AMOUNT: 0.0}.get(quantity, 1.0)
    if quantity is Quantity.SHARE:
        known_share = counted[earlier].sum() / max(1.0, exposed[earlier].sum())
        least = max(1e-12, 1 - known_share)
    counted, exposed = np.where(known, counted, 0.0), np.where(known, exposed, 0.0)
    position = (np.arange(len(counted)) - len(counted)) % per_year
    if earlier.sum() < _SEASON_KNOWN_AFTER * per_year:
        position = np.zeros(len(counted), dtype=int)
    spread = _spread(counted, exposed, position, np.zeros(len(counted), dtype=int), earlier, least, per_year)
    return _compare(counted, exposed, position, earlier, later, 1, per_year, spread)


def discovery_limit(chances: Sequence[float], rate: float, at_most: float) -> float:
    """The largest chance at which a verdict counts, so that of those that count a ``rate`` is false on average.

    Method: Benjamini and Hochberg 1995. It holds for independent verdicts and where they depend positively, as a county
    and its districts do (Benjamini and Yekutieli 2001). 0 if no verdict counts.

    Args:
        chances: of all verdicts of a scorecard; NaN ones do not count.
        rate: the share of false verdicts, for example 0.05.
        at_most: no verdict counts above this chance, however many there are.
    """
    ordered = np.sort(np.asarray([chance for chance in chances if not isnan(chance)]))
    passing = ordered <= rate * np.arange(1, len(ordered) + 1) / max(1, len(ordered))
    if not passing.any():
        return 0.0
    # Up to the step of the last one that passes, none other passes; so the step itself is the limit.
    return min(at_most, rate * float(np.nonzero(passing)[0][-1] + 1) / len(ordered))


def _turned(rest: Change, odds: float) -> Change:
    """The change of a share from that of its rest; ``odds`` is rest to part, before."""

    def turn(ratio: float) -> float:
        return max(0.0, 1 - odds * (ratio - 1))

    def turned(part: Comparison | None) -> Comparison | None:
        return part and Comparison(
            turn(part.ratio), turn(part.upper), turn(part.lower), part.chance,
            turn(part.detectable_fall), turn(part.detectable_rise),
        )  # fmt: skip

    season = tuple(turn(factor) for factor in rest.season)
    return Change(turned(rest.year), turned(rest.quarter), rest.since, rest.dispersion, season)


def _judge(
    numbers: Array, exposure: Array, known: NDArray[np.bool_], per_year: int, least: float, set_aside: Collection[int]
) -> Change:
    length = len(numbers)
    of_year, of_quarter = length - per_year, length - per_year // 4
    position = (np.arange(length) - length) % per_year
    earlier = known.copy()
    earlier[max(0, of_year) :] = False
    earlier[[index for index in set_aside if index < length]] = False
    level = np.zeros(length, dtype=int)
    level[max(0, of_year) :] = 1
    # Two years of quarters leave too little to know both the last year and its last quarter.
    if length > 3 * per_year or per_year == _MONTHS:
        level[max(0, of_quarter) :] = 2
    used = earlier | (known & (np.arange(length) >= of_year))
    numbers, exposure = np.where(known, numbers, 0.0), np.where(known, exposure, 0.0)

    since = 0
    while (shift := _lasting_shift(numbers, exposure, position, earlier, level, used, since, per_year, least)) > since:
        level[since:shift] = level.max() + 1
        earlier[:shift] = False
        since = shift

    spread = _spread(numbers, exposure, position, level, used, least, per_year)
    comparisons: list[Comparison | None] = []
    for start in (of_year, of_quarter):
        later = known & (np.arange(length) >= max(0, start))
        comparisons.append(
            _compare(numbers, exposure, position, earlier, later, length - max(0, start), per_year, spread)
        )
    season = spread.season[position] if spread.degrees >= _MIN_DEGREES else np.ones(length)
    year, quarter = comparisons
    return Change(year, quarter, since, spread.dispersion, tuple(float(factor) for factor in season))


@dataclass(frozen=True, slots=True)
class _Spread:
    """How numbers spread about their level and season: variance to mean, its degrees of freedom, and the season."""

    dispersion: float
    degrees: float
    least: float
    season: Array
    correlation: float

    def of_block(self, periods: int) -> float:
        """The dispersion of a sum of so many periods in a row: what exceeds chance lasts into the next periods."""
        lags = np.arange(1, periods)
        lasting = 1 + 2 * float(np.sum((1 - lags / periods) * self.correlation**lags))
        return max(1e-12, self.least + max(0.0, self.dispersion - self.least) * lasting)


def _spread(
    numbers: Array,
    exposure: Array,
    position: NDArray[np.int_],
    level: NDArray[np.int_],
    used: NDArray[np.bool_],
    least: float,
    per_year: int,
) -> _Spread:
    """The Pearson dispersion about level times season."""
    y, e, s = numbers[used], exposure[used], position[used]
    seen, r = np.unique(level[used], return_inverse=True)
    levels = len(seen)
    season, height = np.ones(per_year), np.ones(levels)
    of_season, of_level = np.bincount(s, y, per_year), np.bincount(r, y, levels)
    for _ in range(_ROUNDS):
        height = of_level / np.maximum(np.bincount(r, e * season[s], levels), 1e-300)
        season = of_season / np.maximum(np.bincount(s, e * height[r], per_year), 1e-300)
    mean = e * season[s] * height[r]
    correlation = _LASTING_BY_MONTH if per_year == _MONTHS else _LASTING_BY_QUARTER
    free, degrees, kept = _freedom(
        tuple(np.nonzero(used)[0].tolist()), tuple(s.tolist()), tuple(r.tolist()), correlation
    )
    square = float(np.sum((y - mean) ** 2 / np.maximum(mean, 1e-300)))
    observed = square / free if free else least
    middle = season.mean()
    return _Spread(
        dispersion=least + (observed - least) / kept if observed > least else observed,
        degrees=degrees,
        least=least,
        season=season / middle if middle > 0 else np.ones(per_year),
        correlation=correlation,
    )


@lru_cache(maxsize=1024)
def _freedom(
    indices: tuple[int, ...], seasons: tuple[int, ...], levels: tuple[int, ...], correlation: float
) -> tuple[int, float, float]:
    """What fitting season and level leaves: degrees of freedom, those of a variance that lasts, and its share seen.

    Neighbours that move together are partly taken for a level (Satterthwaite 1946, for the quadratic form).
    """
    length = len(indices)
    if not length:
        return 0, 0.0, 1.0
    design = np.zeros((length, max(seasons) + max(levels) + 2))
    design[np.arange(length), seasons] = 1
    design[np.arange(length), max(seasons) + 1 + np.asarray(levels)] = 1
    left, sizes, _ = np.linalg.svd(design, full_matrices=False)
    basis = left[:, sizes > 1e-9 * sizes[0]]
    rest = np.eye(length) - basis @ basis.T
    free = length - basis.shape[1]
    if free < 1:
        return 0, 0.0, 1.0
    at = np.asarray(indices)
    lasting = rest @ correlation ** np.abs(at[:, None] - at[None, :])
    trace = float(np.trace(lasting))
    return free, trace**2 / float(np.sum(lasting * lasting.T)), trace / free


def _lasting_shift(
    numbers: Array,
    exposure: Array,
    position: NDArray[np.int_],
    earlier: NDArray[np.bool_],
    level: NDArray[np.int_],
    used: NDArray[np.bool_],
    since: int,
    per_year: int,
    least: float,
) -> int:
    """The first period at a new level before the last year; ``since`` where the level lasts."""
    shortest = max(4, per_year // 2)
    end = int(np.nonzero(earlier)[0].max(initial=-1)) + 1
    candidates = [
        index
        for index in range(since + shortest, end - shortest + 1)
        if earlier[since:index].sum() >= shortest and earlier[index:end].sum() >= shortest
    ]
    if not candidates:
        return since
    spread = _spread(numbers, exposure, position, level, used, least, per_year)
    expected = exposure * spread.season[position]
    seen = np.concatenate(([0.0], np.cumsum(np.where(earlier, numbers, 0.0))))
    chances = np.concatenate(([0.0], np.cumsum(np.where(earlier, expected, 0.0))))
    at = np.asarray(candidates)
    after, total = seen[-1] - seen[at], seen[-1]
    share = (chances[-1] - chances[at]) / max(chances[-1], 1e-300)
    variance = total * share * (1 - share)
    distance = np.abs(after - total * share) / np.sqrt(np.maximum(variance, 1e-300))
    best = int(np.argmax(np.where(variance > 0, distance, 0.0)))
    split = level.copy()
    split[since : at[best]] = level.max() + 1
    spread = _spread(numbers, exposure, position, split, used, least, per_year)
    if spread.degrees < _MIN_DEGREES:
        return since
    z = float(distance[best]) / sqrt(spread.of_block(per_year))
    chance = 2 * float(stdtr(spread.degrees, -z))
    return int(at[best]) if chance < _SHIFT_CHANCE else since


def _compare(
    numbers: Array,
    exposure: Array,
    position: NDArray[np.int_],
    earlier: NDArray[np.bool_],
    later: NDArray[np.bool_],
    periods: int,
    per_year: int,
    spread: _Spread,
) -> Comparison | None:
    """Later against earlier periods of the same place in the year."""

    def of_season(values: Array, chosen: NDArray[np.bool_]) -> Array:
        return np.bincount(position[chosen], values[chosen], per_year).astype(float)

    seen_later, seen_earlier = of_season(numbers, later), of_season(numbers, earlier)
    at_later, at_earlier = of_season(exposure, later), of_season(exposure, earlier)
    both = (at_later > 0) & (at_earlier > 0)
    if spread.degrees < _MIN_DEGREES or 2 * both.sum() < min(periods, per_year):
        return None
    share = at_later[both] / (at_later[both] + at_earlier[both])
    totals = seen_later[both] + seen_earlier[both]
    total, count = float(totals.sum()), float(seen_later[both].sum())
    expected = float(totals @ share) / total if total > 0 else float(share.mean())
    return compare_counts(count, total, expected, spread.of_block(periods), spread.degrees)


def compare_counts(count: float, total: float, expected: float, dispersion: float, degrees: float) -> Comparison:
    """Compare what a later side has of a total with the share that it would have if nothing changed.

    Both tails of the binomial distribution, as incomplete beta functions so that counts may be divided by a dispersion
    (with 1 this is the exact conditional test of two Poisson rates, and its Clopper-Pearson interval).

    Args:
        count: of the later side.
        total: of both sides.
        expected: the share of the later side if nothing changed, between 0 and 1.
        dispersion: variance to mean of a side.
        degrees: of freedom with which the dispersion is known.
    """
    odds = expected / (1 - expected)
    if total <= 0:
        return Comparison(nan, 0.0, inf, 1.0, inf, 0.0)
    scaled, rest = count / dispersion, (total - count) / dispersion
    rise = float(betainc(scaled, rest + 1, expected)) if count > 0 else 1.0
    fall = float(betainc(rest, scaled + 1, 1 - expected)) if count < total else 1.0
    tail = min(max(min(rise, fall), 1e-300), 0.5)
    half = float(ndtr(stdtrit(degrees, 0.025)))
    lower = float(betaincinv(scaled, rest + 1, half)) if count > 0 else 0.0
    upper = float(betaincinv(scaled + 1, rest, 1 - half)) if count < total else 1.0
    # On the scale of logarithms: what is found at half of 1 in 100, since there are two comparisons.
    needed = -float(stdtrit(degrees, 0.0025)) + float(ndtri(_POWER))
    error = sqrt(dispersion / total * (1 / expected + 1 / (1 - expected)))
    return Comparison(
        ratio=count / (total - count) / odds if count < total else inf,
        lower=lower / (1 - lower) / odds,
        upper=upper / (1 - upper) / odds if upper < 1 else inf,
        # A tail of the normal distribution, as that of a t distribution at the same distance.
        chance=min(1.0, 2 * float(stdtr(degrees, ndtri(tail)))),
        detectable_rise=exp(min(50.0, needed * error)),
        detectable_fall=exp(-needed * error),
    )
