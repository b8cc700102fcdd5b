"""The direction of travel of made-up series whose verdicts follow by hand from the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.registers.policy import Target
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.direction_of_travel import DirectionOfTravel, judge_direction
from sia.statistics.control_chart import Assurance
from tests.unit.scorecard.synthetic import DISTRICT, QUARTER, measure, of_months, of_quarters, people, rules

# Seven in a row on one side of the mean: 12 quarters at about 10, then 8 at about 30.
STEP_UP = [10.0, 12] * 6 + [30.0, 32] * 4


def judged(amounts: dict[Any, Any], good: str = "down", **changes: Any) -> DirectionOfTravel:
    given = {"people": people(), "policy": rules(good), "breaks": (), "by_month": False} | changes
    return judge_direction(
        measure(), DISTRICT, QUARTER, amounts, given["people"], given["policy"], given["breaks"],
        by_month=given["by_month"],
    )  # fmt: skip


def figures(travel: DirectionOfTravel) -> int:
    """How many figures are judged."""
    return sum(point.value is not None for point in travel.points[travel.judged_from :])


def test_the_direction_follows_the_good_direction_and_without_one_there_is_no_judgement() -> None:
    assert judged(of_quarters(STEP_UP)).direction == "deteriorating"
    assert judged(of_quarters(STEP_UP), "up").direction == "improving"
    assert judged(of_quarters(STEP_UP), "none").direction == "no_judgement"
    assert judged(of_quarters(STEP_UP)).is_exception
    assert not judged(of_quarters(STEP_UP), "up").is_exception
    assert not judged(of_quarters(STEP_UP), "none").is_exception
    assert "figures in a row are above the average" in judged(of_quarters(STEP_UP)).explanation
    assert judged(of_quarters(STEP_UP), "none").moving == "rising"


def test_many_points_are_counted_and_few_are_named() -> None:
    near = "two of three figures are close to the top of the usual range, or above it"
    assert f"{near} (8 figures from 2020/21 Q1 to 2021/22 Q4)" in judged(of_quarters(STEP_UP)).explanation
    few = judged(of_quarters([10.0, 12] * 8 + [30.0] * 4)).explanation
    assert f"{near} (2021/22 Q1, 2021/22 Q2, 2021/22 Q3 and 2021/22 Q4)" in few


def test_it_is_judged_by_month_where_it_may_be_and_there_are_months() -> None:
    quarters = of_quarters(STEP_UP)
    by_months = judged(quarters | of_months([5.0, 6] * 12), by_month=True)
    assert (by_months.step, len(by_months.points), by_months.points[-1].label) == ("month", 24, "Mar 2022")
    for amounts, by_month in ((quarters | of_months([5.0, 6] * 12), False), (quarters, True)):
        travel = judged(amounts, by_month=by_month)
        assert (travel.step, len(travel.points)) == ("quarter", 20)
    # What a release hides nevertheless is a gap, and no other points are judged for it.
    hidden = judged(quarters | of_months([5.0, 6] * 11 + [None, 6]), by_month=True)
    assert (hidden.step, len(hidden.points), figures(hidden)) == ("month", 24, 23)


def test_a_hidden_last_period_gives_no_data_and_a_hidden_earlier_period_a_gap() -> None:
    assert judged(of_quarters([*STEP_UP[:-1], None])).direction == "not_enough_data"
    # Without the gap ten are on one side; across it nothing runs, and no side has seven.
    assert figures(judged(of_quarters([10, 12] * 2 + [30, 32, 30, None, 32, 30, 32, 30]))) == 11


def test_never_from_two_points() -> None:
    assert judged(of_quarters([10, 90])).direction == "not_enough_data"


def test_a_dated_fact_alone_breaks_the_series() -> None:
    change = SeriesBreak(
        starts=date(2020, 5, 15), kind="definition", reason="other words", source="s", measures=("synthetic",)
    )
    travel = judged(of_quarters(STEP_UP), breaks=[change])
    # 8 quarters since: 2020/21 Q1, which contains the day, to 2021/22 Q4.
    assert (figures(travel), travel.judged_from) == (8, 12)
    assert travel.broken is not None
    assert travel.broken.label == "2020/21 Q1"
    assert "Judged from 2020/21 Q1 only: other words." in travel.explanation
    long_ago = change.model_copy(update={"starts": date(2010, 4, 1)})
    assert judged(of_quarters(STEP_UP), breaks=[long_ago]).broken is None
    to_come = change.model_copy(update={"starts": date(2022, 4, 1)})
    assert judged(of_quarters(STEP_UP), breaks=[to_come]).broken is None


def test_another_publication_of_the_residents_breaks_a_rate_and_not_a_count() -> None:
    two = people() | {
        quarter: residents for quarter, residents in people(vintage="second").items() if quarter >= Quarter(2021, 1)
    }
    amounts = of_quarters(STEP_UP)
    has_rate = judge_direction(measure(has_rate=True), DISTRICT, QUARTER, amounts, two, rules(), ())
    assert has_rate.broken is not None
    assert (has_rate.broken.label, figures(has_rate)) == ("2021/22 Q1", 4)
    assert judged(amounts, people=two).broken is None


# By hand: 10 and 12 in turn have mean 11 and moving range 2: limits 11 ± 5.32.
@pytest.mark.parametrize(
    ("target", "promise", "exception"),
    [(17, Assurance.WILL_MEET, False), (11, Assurance.HIT_OR_MISS, False), (5, Assurance.WILL_MISS, True)],
)
def test_a_dated_target_is_judged_by_the_limits(target: float, promise: Assurance, exception: bool) -> None:
    dated = Target(measure="synthetic", area=DISTRICT, value=target, starts=date(2021, 4, 1), set_by="Board", why="x")
    travel = judged(of_quarters([10, 12] * 8), policy=rules(targets=[dated.model_dump()]))
    assert travel.target is not None
    assert (travel.target.assurance, travel.is_exception, travel.direction) == (promise, exception, "no_clear_trend")
    before = dated.model_copy(update={"until": date(2022, 3, 31)})
    assert judged(of_quarters([10, 12] * 8), policy=rules(targets=[before.model_dump()])).target is None
