"""Direction of travel: every row of its table, and its words."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.statistics.control_chart import Side
from sia.statistics.direction import Break, Direction, Method, Period, Verdict, direction_of_travel
from sia.statistics.intervals import rate_interval
from sia.statistics.trend import Estimate

NOTHING = Estimate(nan, nan, nan)


def series(*counts: float, residents: int = 100_000, intervals: bool = True) -> list[Period]:
    def estimate(count: float) -> Estimate:
        if count != count:
            return NOTHING
        return Estimate(count, *(rate_interval(count, residents) if intervals else (nan, nan)))._replace(
            value=1000 * count / residents
        )

    return [Period(f"P{number}", estimate(count)) for number, count in enumerate(counts, start=1)]


def judge(*counts: float, good: str = "down", **options: object) -> Verdict:
    return direction_of_travel(series(*counts, **options), good)  # type: ignore[arg-type]


STEADY = [100, 104, 98, 103, 101, 99, 102, 100, 104, 98, 103, 101]
STEP_DOWN = [*STEADY, 70, 72, 69, 73, 70, 71, 70]


def test_the_chart_alone_can_say_it() -> None:
    verdict = judge(*STEP_DOWN)
    assert (verdict.direction, verdict.moving, verdict.provisional) == (Direction.IMPROVING, Side.LOW, False)
    assert "7 figures in a row are below the average (P13 to P19)" in verdict.explanation
    assert "The last five figures (P15 to P19) show no clear trend." in verdict.explanation


def test_the_good_direction_decides_the_word() -> None:
    assert judge(*STEP_DOWN, good="up").direction is Direction.DETERIORATING
    neither = judge(*STEP_DOWN, good="none")
    assert (neither.direction, neither.moving) == (Direction.NO_JUDGEMENT, Side.LOW)


def test_nothing_fires() -> None:
    verdict = judge(*STEADY)
    assert verdict.direction is Direction.NO_CLEAR_TREND
    assert verdict.explanation == (
        "P12 is within its usual range. The last five figures (P8 to P12) show no clear trend."
    )


def test_a_trend_that_is_within_ordinary_variation_is_a_disagreement() -> None:
    seasons = [1000, 1150, 1300, 1450, 1300, 1150] * 3
    verdict = judge(*seasons[:16])
    assert verdict.chart.latest_signals == ()
    assert verdict.direction is Direction.METHODS_DISAGREE
    assert "The last five figures (P12 to P16) rise by more than chance would explain." in verdict.explanation


def test_opposite_findings_are_a_disagreement() -> None:
    verdict = judge(*STEADY, *[150, 170, 190, 185, 170, 155, 140, 128])
    assert {signal.side for signal in verdict.chart.latest_signals} == {Side.HIGH}
    assert verdict.trend.trend == "decreasing"
    assert (verdict.direction, verdict.moving) == (Direction.METHODS_DISAGREE, None)


def test_few_points_let_the_trend_speak_and_say_that_limits_are_provisional() -> None:
    verdict = judge(100, 120, 140, 165, 190)
    assert (verdict.direction, verdict.provisional) == (Direction.DETERIORATING, True)
    assert verdict.explanation.endswith("The usual range is provisional: it rests on 5 figures and is firm from 12.")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_never_a_verdict_from_fewer_than_five_points(count: int) -> None:
    verdict = judge(*[10, 1000, 10, 1000][:count])
    assert verdict.direction is Direction.NOT_ENOUGH_DATA
    assert ("There is 1 figure" if count == 1 else f"There are {count} figures") in verdict.explanation


def test_a_missing_last_figure_is_not_enough_data() -> None:
    verdict = judge(*STEP_DOWN, nan)
    assert verdict.direction is Direction.NOT_ENOUGH_DATA
    assert verdict.explanation == "There is no figure for P20."


def test_a_break_resets_and_is_named() -> None:
    changed = Break("P16", "every call was counted, now every new contact")
    verdict = direction_of_travel(series(*STEP_DOWN), "down", breaks=[changed])
    assert verdict.direction is Direction.NOT_ENOUGH_DATA
    breaks = [Break("P13", changed.reason), Break("P2", "older")]
    verdict = direction_of_travel(series(*STEP_DOWN), "down", breaks=breaks)
    assert verdict.direction is Direction.NO_CLEAR_TREND
    assert verdict.trend.points == (14, 15, 16, 17, 18)
    assert "Judged from P13 only: every call was counted, now every new contact." in verdict.explanation
    assert "it rests on 7 figures and is firm from 12" in verdict.explanation
    with pytest.raises(ValueError, match="P99"):
        direction_of_travel(series(*STEP_DOWN), "down", breaks=[Break("P99", "never")])


def test_without_intervals_the_chart_speaks_alone() -> None:
    verdict = judge(*STEP_DOWN, intervals=False)
    assert verdict.direction is Direction.IMPROVING
    assert "The trend test needs 5 figures with intervals." in verdict.explanation


def test_no_periods_are_an_error() -> None:
    with pytest.raises(ValueError, match="periods"):
        direction_of_travel([], "up")


def test_settings_are_used() -> None:
    assert judge(1, 2, 1).direction is Direction.NOT_ENOUGH_DATA
    verdict = direction_of_travel(series(*[100, 101] * 2), "up", method=Method(fewest=3, firm_from=4))
    assert (verdict.direction, verdict.provisional) == (Direction.NO_CLEAR_TREND, False)


@given(st.lists(st.one_of(st.integers(0, 400), st.just(nan)), min_size=1, max_size=30))
def test_turning_the_good_direction_round_turns_the_word_round(counts: list[float]) -> None:
    opposite = {Direction.IMPROVING: Direction.DETERIORATING, Direction.DETERIORATING: Direction.IMPROVING}
    down, up = judge(*counts, good="down"), judge(*counts, good="up")
    assert up.direction is opposite.get(down.direction, down.direction)
    assert up.explanation == down.explanation
