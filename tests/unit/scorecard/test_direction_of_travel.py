"""The direction of travel of made-up series whose verdicts follow by hand from the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.registers.policy import Target
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.direction_of_travel import Travel, travel
from sia.statistics.control_chart import Assurance
from tests.unit.scorecard.synthetic import DISTRICT, QUARTER, measure, of_months, of_quarters, people, rules

# Seven in a row on one side of the mean: 12 quarters at about 10, then 8 at about 30.
STEP_UP = [10.0, 12] * 6 + [30.0, 32] * 4


def judged(held: dict[Any, Any], good: str = "down", **changes: Any) -> Travel:
    given = {"people": people(), "policy": rules(good), "breaks": (), "by_month": False} | changes
    return travel(
        measure(), DISTRICT, QUARTER, held, given["people"], given["policy"], given["breaks"],
        by_month=given["by_month"],
    )  # fmt: skip


def test_the_word_follows_the_good_direction_and_without_one_there_is_no_judgement() -> None:
    assert judged(of_quarters(STEP_UP)).word == "deteriorating"
    assert judged(of_quarters(STEP_UP), "up").word == "improving"
    assert judged(of_quarters(STEP_UP), "none").word == "no judgement"
    assert judged(of_quarters(STEP_UP)).is_exception
    assert not judged(of_quarters(STEP_UP), "up").is_exception
    assert not judged(of_quarters(STEP_UP), "none").is_exception
    assert "points in a row lie above the mean" in judged(of_quarters(STEP_UP)).verdict.because


def test_many_points_are_counted_and_few_are_named() -> None:
    near = "two of three points lie near or beyond the upper limit"
    assert f"{near} (8 points from 2020/21 Q1 to 2021/22 Q4)" in judged(of_quarters(STEP_UP)).verdict.because
    few = judged(of_quarters([10.0, 12] * 8 + [30.0] * 4)).verdict.because
    assert f"{near} (2021/22 Q1, 2021/22 Q2, 2021/22 Q3 and 2021/22 Q4)" in few


def test_it_is_judged_by_month_where_it_may_be_and_there_are_months() -> None:
    quarters = of_quarters(STEP_UP)
    found = judged(quarters | of_months([5.0, 6] * 12), by_month=True)
    assert (found.by, len(found.points), found.points[-1].label) == ("month", 24, "Mar 2022")
    for held, by_month in ((quarters | of_months([5.0, 6] * 12), False), (quarters, True)):
        assert (judged(held, by_month=by_month).by, len(judged(held, by_month=by_month).points)) == ("quarter", 20)
    # What a release hides nevertheless is a gap, and no other points are judged for it.
    hidden = judged(quarters | of_months([5.0, 6] * 11 + [None, 6]), by_month=True)
    assert (hidden.by, len(hidden.points), hidden.verdict.chart.count) == ("month", 24, 23)


def test_a_hidden_last_period_is_no_data_and_a_hidden_earlier_one_a_gap() -> None:
    assert judged(of_quarters([*STEP_UP[:-1], None])).word == "not enough data"
    # Without the gap ten lie on one side; across it nothing runs, and no side has seven.
    assert judged(of_quarters([10, 12] * 2 + [30, 32, 30, None, 32, 30, 32, 30])).verdict.chart.count == 11


def test_never_from_two_points() -> None:
    assert judged(of_quarters([10, 90])).word == "not enough data"


def test_a_dated_fact_breaks_the_series_by_itself() -> None:
    change = SeriesBreak(
        starts=date(2020, 5, 15), kind="definition", reason="other words", source="s", measures=("synthetic",)
    )
    found = judged(of_quarters(STEP_UP), breaks=[change])
    # 8 quarters since: 2020/21 Q1, in which the day lies, to 2021/22 Q4.
    assert (found.verdict.chart.count, found.verdict.chart.start) == (8, 12)
    assert found.broken is not None
    assert found.broken.label == "2020/21 Q1"
    assert "Judged from 2020/21 Q1: other words." in found.verdict.because
    long_ago = change.model_copy(update={"starts": date(2010, 4, 1)})
    assert judged(of_quarters(STEP_UP), breaks=[long_ago]).broken is None
    to_come = change.model_copy(update={"starts": date(2022, 4, 1)})
    assert judged(of_quarters(STEP_UP), breaks=[to_come]).broken is None


def test_another_publication_of_the_residents_breaks_a_rate_and_not_a_count() -> None:
    two = people() | {
        quarter: each for quarter, each in people(vintage="second").items() if quarter >= Quarter(2021, 1)
    }
    held = of_quarters(STEP_UP)
    has_rate = travel(measure(has_rate=True), DISTRICT, QUARTER, held, two, rules(), ())
    assert has_rate.broken is not None
    assert (has_rate.broken.label, has_rate.verdict.chart.count) == ("2021/22 Q1", 4)
    assert judged(held, people=two).broken is None


# By hand: 10 and 12 in turn have mean 11 and moving range 2: limits 11 ± 5.32.
@pytest.mark.parametrize(
    ("target", "message", "exception"),
    [(17, Assurance.WILL_MEET, False), (11, Assurance.HIT_OR_MISS, False), (5, Assurance.WILL_MISS, True)],
)
def test_a_dated_target_is_judged_by_the_limits(target: float, message: Assurance, exception: bool) -> None:
    dated = Target(measure="synthetic", area=DISTRICT, value=target, starts=date(2021, 4, 1), set_by="Board", why="x")
    found = judged(of_quarters([10, 12] * 8), policy=rules(targets=[dated.model_dump()]))
    assert (found.assurance, found.is_exception, found.word) == (message, exception, "no change")
    before = dated.model_copy(update={"until": date(2022, 3, 31)})
    assert judged(of_quarters([10, 12] * 8), policy=rules(targets=[before.model_dump()])).assurance is None
