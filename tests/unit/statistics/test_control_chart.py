"""The control chart, against NHSRplotthedots' own example and by the rules' definitions."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.statistics.control_chart import Assurance, Limits, Rule, Side, Signal, assurance, control_chart

# vignettes/deviations.Rmd of NHSRplotthedots, whose caption gives the screened limits as -0.72 and 4.6.
EXAMPLE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]


def four(limits: Limits | None) -> tuple[str, ...]:
    assert limits is not None
    return tuple(f"{value:.4f}" for value in (limits.mean, limits.lower, limits.upper))


def test_golden_limits_with_screening() -> None:
    assert four(control_chart(EXAMPLE).limits) == ("1.9444", "-0.7156", "4.6044")


def test_golden_limits_without_screening() -> None:
    chart = control_chart(EXAMPLE, screening=False)
    assert four(chart.limits) == ("1.9444", "-3.0626", "6.9515")
    assert chart.limits is not None
    assert f"{chart.limits.mean_moving_range:.4f}" == "1.8824"


def test_a_point_outside_is_a_signal_at_that_point() -> None:
    assert control_chart(EXAMPLE).signals == (Signal(Rule.OUTSIDE, Side.HIGH, (4,)),)


@pytest.mark.parametrize("run", [5, 6, 7, 9])
def test_a_shift_needs_seven_points_on_one_side(run: int) -> None:
    # Below the mean until the run begins; within it up and down, so that it does not trend.
    values = [0, 1] * 8 + ([6, 7] * 5)[:run]
    shifts = [signal for signal in control_chart(values).signals if signal.rule is Rule.SHIFT]
    before = Signal(Rule.SHIFT, Side.LOW, tuple(range(16)))
    above = Signal(Rule.SHIFT, Side.HIGH, tuple(range(16, 16 + run)))
    assert shifts == ([before, above] if run >= 7 else [before])


def test_seven_rising_points_are_a_trend_and_six_are_not() -> None:
    def trends(values: list[float]) -> list[tuple[int, ...]]:
        return [signal.points for signal in control_chart(values).signals if signal.rule is Rule.TREND]

    assert trends([5, 1, 2, 3, 4, 5, 6, 7, 3]) == [(1, 2, 3, 4, 5, 6, 7)]
    assert trends([5, 1, 2, 3, 4, 5, 6, 3, 4]) == []
    assert trends([5, 7, 6, 5, 4, 3, 2, 1, 3]) == [(1, 2, 3, 4, 5, 6, 7)]
    assert trends([5, 1, 2, 3, 3, 5, 6, 7, 3]) == []


def test_two_of_three_near_the_same_limit() -> None:
    calm = [2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 5, 3.5, 5]
    chart = control_chart(calm)
    assert chart.limits is not None
    assert chart.limits.mean + 2 / 3 * 2.66 * chart.limits.mean_moving_range < 5
    assert Signal(Rule.NEAR, Side.HIGH, (12, 14)) in chart.signals


def test_a_gap_breaks_moving_ranges_and_runs() -> None:
    rising = [1, 2, 3, 4, nan, 5, 6, 7, 8]
    chart = control_chart(rising)
    assert not [signal for signal in chart.signals if signal.rule is Rule.TREND]
    assert chart.limits is not None
    assert chart.limits.mean_moving_range == 1  # 4 to 5 across the gap is not one
    assert control_chart([1, nan, 9, nan, 1]).limits is None


def test_only_the_segment_since_the_last_break_is_judged() -> None:
    values = [100, 101, 100, 101, 100, 5, 6, 5, 6, 5]
    chart = control_chart(values, breaks=[2, 5])
    assert (chart.start, chart.count) == (5, 5)
    assert chart.limits == control_chart(values[5:]).limits
    assert chart.signals == ()
    with pytest.raises(IndexError, match="outside"):
        control_chart(values, breaks=[10])


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 12, 40])
def test_limits_are_provisional_under_twelve_points(count: int) -> None:
    assert control_chart(([1, 2] * 20)[:count]).provisional is (count < 12)


def test_one_incident_among_zeros_does_not_put_the_zeros_outside() -> None:
    signals = control_chart([0] * 10 + [1]).signals
    assert [signal for signal in signals if signal.rule is Rule.OUTSIDE] == [Signal(Rule.OUTSIDE, Side.HIGH, (10,))]


@given(st.floats(-1e6, 1e6, allow_nan=False), st.integers(1, 40))
def test_a_series_that_never_moves_gives_no_signal(value: float, count: int) -> None:
    # The mean of 0.1 ten times over is not 0.1 in binary; that does not make a shift.
    assert control_chart([value] * count).signals == ()


@given(st.lists(st.integers(0, 50), max_size=30))
def test_a_series_upside_down_gives_the_same_signals_on_the_other_side(values: list[int]) -> None:
    def seen(values: list[int], sign: int) -> set[tuple[Rule, int, tuple[int, ...]]]:
        return {(signal.rule, sign * signal.side.value, signal.points) for signal in control_chart(values).signals}

    assert seen(values, 1) == seen([-value for value in values], -1)


def test_latest_signals_include_the_last_period() -> None:
    assert control_chart(EXAMPLE).latest_signals == ()
    assert control_chart([1, 2] * 6 + [10]).latest_signals == (Signal(Rule.OUTSIDE, Side.HIGH, (12,)),)


@pytest.mark.parametrize(
    ("target", "up", "down"),
    [
        (1.0, Assurance.WILL_MEET, Assurance.WILL_MISS),
        (2.0, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (5.0, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (8.0, Assurance.HIT_OR_MISS, Assurance.HIT_OR_MISS),
        (9.0, Assurance.WILL_MISS, Assurance.WILL_MEET),
    ],
)
def test_assurance(target: float, up: Assurance, down: Assurance) -> None:
    limits = Limits(5, 1, 2, 8)
    assert (assurance(limits, target, "up"), assurance(limits, target, "down")) == (up, down)


@pytest.mark.parametrize("counts", [[3] * 12 + [4], [0] * 19 + [1]])
def test_one_incident_more_is_not_outside_the_limits(counts: list[int]) -> None:
    """By hand: limits of counts are at least 3 √mean from the mean: 3.08 ± 5.26, and 0.05 ± 0.67 where 1 is outside."""
    assert control_chart(counts).latest_signals != ()
    chart = control_chart(counts, per_unit=1)
    assert chart.limits is not None
    assert chart.limits.upper - chart.limits.mean == pytest.approx(3 * chart.limits.mean**0.5)
    assert chart.limits.mean - chart.limits.lower == pytest.approx(3 * chart.limits.mean**0.5)


def test_periods_that_are_set_aside_are_shown_and_not_judged() -> None:
    chart = control_chart([10, 12] * 6 + [90] * 3 + [10, 12], set_aside=range(12, 15))
    assert chart.limits is not None
    assert (chart.limits.mean, chart.count, chart.signals) == (11, 14, ())
    assert chart.values[12] == 90
