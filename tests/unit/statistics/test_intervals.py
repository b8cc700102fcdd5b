from __future__ import annotations

from decimal import Decimal
from math import ceil, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.statistics.intervals import count_interval, half_up, proportion_interval, rate, rate_interval

COUNTS = st.one_of(st.sampled_from([0, 1, 8, 9, 10, 11]), st.integers(0, 100_000))


# Golden: computed apart from this project with numpy and scipy.stats (chi2.ppf below 10), to four decimals.
@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        (0, "0", "3.6889"),
        (1, "0.0253", "5.5716"),
        (4, "1.0899", "10.2416"),
        (5, "1.6235", "11.6683"),
        (9, "4.1154", "17.0848"),
        (10, "4.7874", "18.3915"),
        (65, "50.1632", "82.8491"),
        (1000, "938.9725", "1063.9526"),
    ],
)
def test_count_interval_prints_the_published_digits(count: int, lower: str, upper: str) -> None:
    interval = count_interval(count)
    assert (half_up(interval.lower, 4), half_up(interval.upper, 4)) == (Decimal(lower), Decimal(upper))


# Golden: likewise, by Wilson's formula.
@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [
        (65, 100, "0.5525", "0.7364"),
        (0, 20, "0", "0.1611"),
        (20, 20, "0.8389", "1"),
        (3, 10, "0.1078", "0.6032"),
    ],
)
def test_proportion_interval_prints_the_published_digits(part: int, whole: int, lower: str, upper: str) -> None:
    interval = proportion_interval(part, whole)
    assert (half_up(interval.lower, 4), half_up(interval.upper, 4)) == (Decimal(lower), Decimal(upper))


def test_rate_interval_is_the_counts_interval_per_1000_residents() -> None:
    # By hand: 65 of 130,000 is 0.5 per 1,000; 50.1632 / 130 = 0.38587, 82.8491 / 130 = 0.63730.
    assert rate(65, 130_000) == 0.5
    interval = rate_interval(65, 130_000)
    assert (half_up(interval.lower, 4), half_up(interval.upper, 4)) == (Decimal("0.3859"), Decimal("0.6373"))


@given(COUNTS)
def test_count_interval_contains_the_count_and_rises_with_it(count: int) -> None:
    here, next_one = count_interval(count), count_interval(count + 1)
    assert 0 <= here.lower <= count < here.upper
    assert here.lower < next_one.lower
    assert here.upper < next_one.upper


@given(COUNTS, st.integers(1, 10_000_000))
def test_rate_interval_contains_the_rate(count: int, residents: int) -> None:
    interval = rate_interval(count, residents)
    assert interval.lower <= rate(count, residents) < interval.upper


@given(st.integers(1, 5_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_proportion_interval_contains_the_share_stays_between_0_and_1_and_mirrors(
    part_and_whole: tuple[int, int],
) -> None:
    part, whole = part_and_whole
    interval, rest = proportion_interval(part, whole), proportion_interval(whole - part, whole)
    assert 0 <= interval.lower <= part / whole <= interval.upper <= 1
    assert interval.lower == pytest.approx(1 - rest.upper, abs=1e-12)
    if part < whole:
        above = proportion_interval(part + 1, whole)
        assert interval.lower < above.lower
        assert interval.upper < above.upper


@pytest.mark.parametrize("whole", [1, 9, 10, 20])
def test_proportion_interval_at_the_edges_is_exactly_0_and_1(whole: int) -> None:
    assert proportion_interval(0, whole).lower == 0
    assert proportion_interval(whole, whole).upper == 1


def test_what_cannot_be_estimated_is_refused() -> None:
    for impossible in (
        lambda: count_interval(-1),
        lambda: rate(1, 0),
        lambda: proportion_interval(0, 0),
        lambda: proportion_interval(3, 2),
        lambda: proportion_interval(-1, 2),
    ):
        with pytest.raises(ValueError, match=r"cannot be|needs|part of"):
            impossible()


def test_a_count_that_is_not_a_number_has_no_interval() -> None:
    for count in (nan, -1):
        with pytest.raises(ValueError, match="a count cannot be negative, and is a number"):
            count_interval(count)


# By hand: the half goes away from zero; 0.285 * 100 is 28.499999999999996 in binary and 28.5 in truth; there is no -0.
@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (0.285 * 100, 0, "29"),
        (1.005, 2, "1.01"),
        (-0.4, 0, "0"),
        (1234567.5, 0, "1234568"),
        (12345678901.26, 2, "12345678901.26"),
        (12345678901.255, 2, "12345678901.26"),
    ],
)
def test_half_up(value: float, places: int, rounded: str) -> None:
    assert str(half_up(value, places)) == rounded


@given(st.integers(-1_000_000, 1_000_000), st.integers(0, 99))
def test_half_up_of_pence_is_as_in_school(pounds: int, pence: int) -> None:
    exact = Decimal(abs(pounds)) + Decimal(pence) / 100
    assert half_up(float(exact)) == abs(pounds) + (1 if pence >= 50 else 0)
    assert ceil(exact) >= half_up(float(exact))
