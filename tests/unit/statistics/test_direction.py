"""Direction of travel: every direction, and its words."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.statistics.change import Quantity, compare_years
from sia.statistics.comparison import GoodDirection
from sia.statistics.control_chart import Side
from sia.statistics.direction import Break, Direction, Period, Verdict, assess, conclude
from sia.statistics.method import Method

LIMIT = Method().chance
STEADY = [100.0, 104, 98, 103, 101, 99, 102, 100, 104, 98, 103, 101]
STEP_DOWN = [*STEADY, 70.0, 72, 69, 73]


def series(*counts: float, set_aside: range = range(0), hidden: bool = False) -> list[Period]:
    return [
        Period(f"P{number + 1}", count, count, 1, set_aside=number in set_aside, hidden=hidden and count != count)
        for number, count in enumerate(counts)
    ]


def judge(
    periods: list[Period], good: GoodDirection = "down", limit: float = LIMIT, breaks: tuple[Break, ...] = ()
) -> Verdict:
    return conclude(assess(periods, 4, breaks=breaks, per_unit=1), good, limit)


def test_a_change_from_earlier_years_says_how_much_and_how_sure() -> None:
    """By hand: 284 in the last four, 1,213 in the twelve before, a third of which is 404.3: 29.8% below."""
    verdict = judge(series(*STEP_DOWN))
    assert (verdict.direction, verdict.moving, verdict.points) == (Direction.IMPROVING, Side.LOW, (12, 13, 14, 15))
    assert verdict.explanation.startswith("P13 to P16: 29.8% below the same time in earlier years (95% interval -")
    assert "more than chance can explain (chance alone: less than 1 in" in verdict.explanation


def test_the_good_direction_decides_the_word() -> None:
    assert judge(series(*STEP_DOWN), "up").direction is Direction.DETERIORATING
    neither = judge(series(*STEP_DOWN), "none")
    assert (neither.direction, neither.moving) == (Direction.NO_JUDGEMENT, Side.LOW)


def test_nothing_is_found_and_no_word_says_that_nothing_changed() -> None:
    verdict = judge(series(*[100.0, 130, 90, 110] * 4, 105, 125, 93, 113))
    assert verdict.direction is Direction.NO_CLEAR_TREND
    assert "which chance can explain" in verdict.explanation
    assert "P20 is within its usual range." in verdict.explanation
    assert "no change" not in verdict.explanation


def test_equal_numbers_are_the_same() -> None:
    assert "P17 to P20: the same as the same time in earlier years." in judge(series(*[100.0] * 20)).explanation


def test_a_season_is_not_a_change_whatever_the_quarter() -> None:
    seasons = [1000.0, 1150, 1300, 1450]
    for end in range(16, 20):
        assert judge(series(*(seasons * 5)[:end])).direction is Direction.NO_CLEAR_TREND


def test_the_chart_alone_gives_no_direction() -> None:
    """Seven in a row above the average: the shift is long past, and only the picture shows it."""
    verdict = judge(series(*[100.0, 104] * 6, *[130.0, 134] * 4))
    assert verdict.direction is Direction.NO_CLEAR_TREND
    assert "It is at its new level since P13." in verdict.explanation


def test_a_year_and_a_quarter_that_go_opposite_ways_are_mixed_and_no_direction() -> None:
    verdict = judge(series(*[1000.0] * 16, 1600, 1600, 1600, 500))
    assert (verdict.direction, verdict.moving) == (Direction.METHODS_DISAGREE, None)
    assert "above" in verdict.explanation
    assert "P20: 50.0% below" in verdict.explanation


def test_what_nearly_ends_is_a_change_of_recording_until_a_break_is_declared() -> None:
    ended = series(*[300.0, 310, 290, 305] * 4, 300, 310, 290, 0)
    assert judge(ended, "down").direction is Direction.CHECK_RECORDING
    assert "So large a change is rarely real: check how it was recorded." in judge(ended, "down").explanation
    # A harm that rises so is the Board's to read.
    assert judge(ended, "up").direction is Direction.DETERIORATING


def test_among_many_verdicts_a_change_must_be_rarer() -> None:
    counts = series(*[100.0, 104, 98, 103] * 4, 82, 84, 80, 82)
    assessment = assess(counts, 4)
    assert 1e-5 < assessment.chance < LIMIT
    assert conclude(assessment, "down", LIMIT).direction is Direction.IMPROVING
    among_many = conclude(assessment, "down", 1e-5)
    assert among_many.direction is Direction.NO_CLEAR_TREND
    assert "but among so many verdicts chance gives such changes." in among_many.explanation


def test_too_few_to_tell_says_what_would_have_been_seen() -> None:
    verdict = judge(series(*[2.0, 1, 0, 2] * 5))
    assert verdict.direction is Direction.TOO_FEW
    assert verdict.explanation.startswith("There are too few to tell: only a rise to about ")
    assert " times or a fall of about " in verdict.explanation
    none = judge(series(*[0.0] * 20))
    assert none.explanation.startswith("There are too few to tell: not even a large change would have been seen.")


@pytest.mark.parametrize("count", [1, 4, 7])
def test_never_a_verdict_from_less_than_two_years(count: int) -> None:
    verdict = judge(series(*[10.0, 1000] * 4)[:count])
    assert verdict.direction is Direction.NOT_ENOUGH_DATA
    assert verdict.explanation == "There are not enough figures. A verdict needs two years."


def test_a_missing_last_figure_is_not_enough_data_and_a_hidden_one_is_not_missing() -> None:
    assert judge(series(*STEP_DOWN, nan)).explanation == "There is no figure for P17."
    hidden = judge(series(*STEP_DOWN, nan, hidden=True))
    assert hidden.direction is Direction.HIDDEN
    assert hidden.explanation == "The figure for P17 is hidden: small numbers."


def test_a_series_that_is_cut_by_hidden_figures_says_so() -> None:
    cut = judge(series(*STEADY[:5], nan, *STEADY, *STEADY[:6], hidden=True))
    assert "Hidden figures are left out." in cut.explanation
    assert "Hidden" not in judge(series(*STEADY)).explanation


def test_too_few_figures_because_others_are_hidden_are_hidden() -> None:
    """Two years, of which only the last three quarters are shown."""
    cut = judge(series(*[nan] * 5, 90, 95, 100, hidden=True))
    assert (cut.direction, cut.explanation) == (
        Direction.HIDDEN,
        "Too many of the figures are hidden: small numbers.",
    )
    missing = judge(series(*[nan] * 5, 90, 95, 100))
    assert missing.direction is Direction.NOT_ENOUGH_DATA


def test_hidden_figures_of_two_years_that_are_shown_may_be_too_few() -> None:
    hidden = series(*[nan] * 8, hidden=True)
    few, many = (compare_years(count, count, 1, 1, Quantity.COUNT) for count in (12, 40))
    too_few = conclude(assess(hidden, 4, years=few), "down", LIMIT)
    assert (too_few.direction, too_few.explanation) == (
        Direction.TOO_FEW,
        "The figure for P8 is hidden: small numbers. The last two years are shown, but there are too few to tell: "
        "only a rise to about 4 times or a fall of about 77% would have been seen.",
    )
    assert conclude(assess(hidden, 4, years=many), "down", LIMIT).direction is Direction.HIDDEN
    # A figure that is missing, not hidden, is asked for.
    assert conclude(assess(series(*[nan] * 8), 4, years=few), "down", LIMIT).direction is Direction.NOT_ENOUGH_DATA


def test_a_break_resets_and_is_named() -> None:
    changed = Break("P16", "every call was counted, now every new contact")
    verdict = judge(series(*STEP_DOWN), breaks=(changed,))
    assert verdict.direction is Direction.NOT_ENOUGH_DATA
    assert "since P16: every call was counted, now every new contact. A verdict needs two years." in verdict.explanation
    later = judge(series(*[500.0] * 4, *STEADY, *STEADY), breaks=(Break("P5", changed.reason), Break("P2", "older")))
    assert later.direction is Direction.NO_CLEAR_TREND
    assert "Judged from P5 only: every call was counted, now every new contact." in later.explanation
    with pytest.raises(ValueError, match="P99"):
        judge(series(*STEP_DOWN), breaks=(Break("P99", "never"),))


def test_what_is_set_aside_does_not_count_as_an_earlier_year() -> None:
    counts = [*STEADY, 40.0, 42, 41, 43, *STEADY[:4]]
    assert judge(series(*counts, set_aside=range(12, 16))).direction is Direction.NO_CLEAR_TREND
    # With nothing else to compare with, the verdict says what it compares with.
    alone = judge(series(400.0, 420, 410, 430, 1000, 1040, 980, 1030, set_aside=range(4)))
    assert "Earlier figures are of a time of pandemic restrictions" in alone.explanation


def test_few_figures_make_the_usual_range_provisional() -> None:
    assert judge(series(*STEADY[:8])).explanation.endswith("The usual range is provisional: it rests on 8 figures.")


def test_the_season_is_taken_out_of_the_picture() -> None:
    assessment = assess(series(*[100.0, 200, 300, 400] * 3), 4)
    assert assessment.chart.values == pytest.approx([250.0] * 12)
    assert assess(series(100, 200, 300, 400, 100, 200, 300), 4).chart.values == (100, 200, 300, 400, 100, 200, 300)


def test_no_periods_are_an_error() -> None:
    with pytest.raises(ValueError, match="periods"):
        assess([], 4)


@given(st.lists(st.one_of(st.integers(0, 400), st.just(nan)), min_size=1, max_size=30))
def test_turning_the_good_direction_round_turns_the_word_round(counts: list[float]) -> None:
    opposite = {Direction.IMPROVING: Direction.DETERIORATING, Direction.DETERIORATING: Direction.IMPROVING}
    down, up = judge(series(*counts), "down"), judge(series(*counts), "up")
    if Direction.CHECK_RECORDING in {down.direction, up.direction}:
        assert Direction.DETERIORATING in {down.direction, up.direction}
    else:
        assert up.direction is opposite.get(down.direction, down.direction)
    assert up.explanation == down.explanation


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (133, "3 figures are close to the top of the usual range, or above it (P17, P19 and P20)."),
        (136, "4 figures are close to the top of the usual range, or above it (P17, P18, P19 and P20)."),
    ],
)
def test_as_many_figures_as_are_named_are_close_to_the_limit(last: int, words: str) -> None:
    base = [100.0, 110, 96, 108, 98, 112, 94, 106, 101, 109, 97, 107, 99, 111, 95, 105]
    assert words in judge(series(*base, last, last + 2, last + 1, last + 2)).explanation
