"""Comparison: benchmark, funnel, ranks, distance."""

from math import exp, factorial, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.statistics.comparison import (
    Benchmark,
    Distance,
    Rank,
    compare_with_benchmark,
    distance_to_limit,
    funnel,
    ranks,
    spread_between,
)
from sia.statistics.intervals import Interval, rate_interval


@pytest.mark.parametrize(
    ("benchmark", "none", "up", "down"),
    [
        (1.0, Benchmark.HIGHER, Benchmark.BETTER, Benchmark.WORSE),
        (2.0, Benchmark.SIMILAR, Benchmark.SIMILAR, Benchmark.SIMILAR),
        (3.0, Benchmark.SIMILAR, Benchmark.SIMILAR, Benchmark.SIMILAR),
        (4.0, Benchmark.SIMILAR, Benchmark.SIMILAR, Benchmark.SIMILAR),
        (5.0, Benchmark.LOWER, Benchmark.WORSE, Benchmark.BETTER),
    ],
)
def test_against_a_benchmark(benchmark: float, none: Benchmark, up: Benchmark, down: Benchmark) -> None:
    interval = Interval(2.0, 4.0)
    assert [compare_with_benchmark(interval, benchmark, direction) for direction in ("none", "up", "down")] == [
        none,
        up,
        down,
    ]


def at_most(count: int, expected: float) -> float:
    """The chance of so many or fewer, summed term by term."""
    return sum(exp(-expected) * expected**k / factorial(k) for k in range(count + 1))


@pytest.mark.parametrize("expected", [0.4, 1, 5, 10, 40, 100])
def test_funnel_limits_are_the_tightest_that_chance_allows(expected: float) -> None:
    limits = funnel(expected, 1000)
    for lower, upper, tail in ((limits.lower_95, limits.upper_95, 0.025), (limits.lower_998, limits.upper_998, 0.001)):
        assert at_most(lower - 1, expected) < tail <= at_most(lower, expected)
        assert 1 - at_most(upper, expected) <= tail < 1 - at_most(upper - 1, expected)


def test_funnel_of_ten_by_the_printed_poisson_table() -> None:
    # Cumulative Poisson table, mean 10: P(X<=3) 0.0103, P(X<=4) 0.0293, P(X<=16) 0.9730, P(X<=17) 0.9857.
    limits = funnel(0.1, 100_000)
    assert (limits.expected, limits.lower_95, limits.upper_95) == (10, 4, 17)


def test_a_funnel_of_nothing_and_for_nobody() -> None:
    assert tuple(funnel(0, 1000)) == (0, 0, 0, 0, 0)
    for rate, residents in ((-1, 1000), (1, 0)):
        with pytest.raises(ValueError, match="residents"):
            funnel(rate, residents)


def test_the_spread_between_areas_is_what_chance_does_not_explain() -> None:
    # By hand: sqrt((17 - 2) / (300 - 100)), and nothing where squares are no more than chance gives.
    assert spread_between(1.0, [(100, 100_000), (60, 100_000), (110, 100_000)]) == pytest.approx(sqrt(0.075))
    assert spread_between(1.0, [(100, 100_000), (105, 100_000), (95, 100_000)]) == 0
    assert spread_between(1.0, [(60, 100_000)]) == spread_between(0.0, [(0, 1), (0, 1)]) == 0


def test_a_funnel_with_a_spread_is_never_narrower() -> None:
    # By hand: 100 + 1.959964 * sqrt(100 + 750) = 157.14 and 100 + 3.090232 * sqrt(850) = 190.09.
    assert tuple(funnel(1.0, 100_000, sqrt(0.075))) == (100, 10, 43, 157, 190)
    plain, hardly = funnel(1.0, 100_000), funnel(1.0, 100_000, 1e-6)
    assert hardly.lower_998 <= plain.lower_998
    assert hardly.lower_95 <= plain.lower_95
    assert hardly.upper_95 >= plain.upper_95
    assert hardly.upper_998 >= plain.upper_998
    assert funnel(1.0, 100_000, 0.0) == plain


@pytest.mark.parametrize(
    ("count", "limits", "expected"),
    [
        (10, (2.5, 7.3), Distance(3, above=True, outside=True)),
        (8, (2.5, 7.0), Distance(1, above=True, outside=True)),
        (7, (2.5, 7.0), Distance(1, above=True, outside=False)),
        (1, (2.5, 7.0), Distance(2, above=False, outside=True)),
        (3, (2.5, 9.0), Distance(1, above=False, outside=False)),
        (0, (-0.7, 4.6), Distance(5, above=True, outside=False)),
        # Two fewer than 5 are 3, which is under the lower limit; two more than 2 are 4, which is over the upper one.
        (5, (3.2, 3.8), None),
        (2, (3.2, 3.8), None),
        (5, (-1.0, -0.2), None),
    ],
)
def test_distance_in_whole_incidents(count: int, limits: tuple[float, float], expected: Distance | None) -> None:
    assert distance_to_limit(count, Interval(*limits)) == expected


hundredths = st.integers(-500, 3000).map(lambda number: number / 100)


@given(st.integers(0, 60), hundredths, hundredths.map(abs))
def test_the_distance_is_the_fewest_incidents_that_cross(count: int, lower: float, width: float) -> None:
    limits = Interval(lower, lower + width)
    distance = distance_to_limit(count, limits)

    def outside(number: int) -> bool:
        return number > limits.upper or number < limits.lower

    if distance is None:
        assert outside(count)
        assert not any(lower <= number <= limits.upper for number in range(100))
        return
    assert distance.outside == outside(count)
    step = 1 if distance.above != distance.outside else -1
    moved = [count + step * number for number in range(distance.incidents + 1)]
    assert outside(moved[-2]) == distance.outside
    assert outside(moved[-1]) != distance.outside


def test_ranks_only_where_intervals_part() -> None:
    places = ranks({"a": Interval(9, 11), "b": Interval(4, 6), "c": Interval(5, 7), "d": Interval(1, 2)})
    assert places == {"a": Rank(1, 1), "b": Rank(2, 3), "c": Rank(2, 3), "d": Rank(4, 4)}
    assert [rank.place for rank in places.values()] == [1, None, None, 4]


@pytest.mark.parametrize("count", [0, 1, 9, 10])
def test_equal_counts_share_their_places(count: int) -> None:
    interval = rate_interval(count, 1000)
    assert ranks(dict.fromkeys("abc", interval)) == {area: Rank(1, 3) for area in "abc"}
