"""The direction of travel of made-up series whose verdicts follow by hand from the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.registers.policy import Target
from sia.registers.series_breaks import SeriesBreak, SetAside
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.direction_of_travel import DirectionOfTravel, conclude_direction, judge_series, verdict_limit
from sia.scorecard.located_share import located_shares
from sia.scorecard.registers import Registers
from sia.statistics.control_chart import Assurance
from tests.unit.scorecard.synthetic import AREAS, DISTRICT, QUARTER, measure, of_months, of_quarters, people, rules

COUNTY = "E10000025"

# Four quarters at about 30 after sixteen at about 10.
STEP_UP = [10.0, 12] * 8 + [30.0, 32] * 2


def judged(amounts: dict[Any, Any], good: str = "down", **changes: Any) -> DirectionOfTravel:
    given: dict[str, Any] = {"measure": measure(), "people": people(), "policy": rules(good)}
    given |= {"breaks": (), "set_aside": (), "by_month": False} | changes
    registers = Registers(
        "A board", (given["measure"],), AREAS, given["policy"], given["breaks"], set_aside=given["set_aside"]
    )
    series = judge_series(
        given["measure"], DISTRICT, QUARTER, amounts, given["people"], registers, by_month=given["by_month"]
    )
    return conclude_direction(series, registers, QUARTER, verdict_limit([series], registers, QUARTER))


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
    assert "above the same time in earlier years" in judged(of_quarters(STEP_UP)).explanation
    assert judged(of_quarters(STEP_UP), "none").moving == "rising"
    assert [point.signals for point in judged(of_quarters(STEP_UP)).points] == [False] * 16 + [True] * 4


def test_a_year_and_a_quarter_that_disagree_are_no_exception() -> None:
    travel = judged(of_quarters([1000.0] * 16 + [1600.0, 1600, 1600, 500]))
    assert (travel.direction, travel.is_exception) == ("methods_disagree", False)


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


def test_two_years_that_are_shown_are_too_few_to_tell_unless_a_break_parts_them() -> None:
    years = {("synthetic", DISTRICT, Span.year_to(QUARTER.plus(-back))): Amount(Status.REPORTED, 12) for back in (0, 4)}
    left_to_years = {key: Amount(Status.BY_YEAR) for key in of_quarters([None] * 8)}
    assert judged(left_to_years).direction == "hidden"
    assert judged(left_to_years | years).direction == "too_few"
    inside, before = (
        SeriesBreak(starts=day, kind="definition", reason="other words", source="s", measures=("synthetic",))
        for day in (date(2021, 1, 1), date(2020, 4, 1))
    )
    assert judged(left_to_years | years, breaks=(inside,)).direction == "hidden"
    assert judged(left_to_years | years, breaks=(before,)).direction == "too_few"


def test_a_hidden_last_period_gives_no_data_and_a_hidden_earlier_period_a_gap() -> None:
    hidden = judged(of_quarters([*STEP_UP[:-1], None]))
    assert (hidden.direction, hidden.explanation) == (
        "hidden",
        "The figure for 2021/22 Q4 is hidden: small numbers.",
    )
    cut = judged(of_quarters([10, 12] * 2 + [30, 32, 30, None, 32, 30, 32, 30]))
    assert figures(cut) == 11
    assert "Hidden figures are left out." in cut.explanation


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


@pytest.mark.parametrize(("persons", "broken"), [(100_000, False), (101_500, False), (104_000, True)])
def test_a_rebase_of_residents_breaks_a_rate_and_a_new_year_does_not(persons: int, broken: bool) -> None:
    """Rates grow with residents, so a usual year of them changes nothing; a jump of 4% with a new publication does."""
    two = people() | {
        quarter: residents
        for quarter, residents in people(persons, vintage="second").items()
        if quarter >= Quarter(2021, 1)
    }
    travel = judged(of_quarters(STEP_UP), measure=measure(has_rate=True), people=two)
    assert (travel.broken is not None, figures(travel)) == (broken, 4 if broken else 20)
    assert judged(of_quarters(STEP_UP), people=two).broken is None


def test_a_rate_is_judged_by_its_residents() -> None:
    """A tenth more residents and a tenth more crimes are no change."""
    more = people() | {q: r for q, r in people(110_000).items() if q >= Quarter(2021, 1)}
    counts = of_quarters([5000.0] * 16 + [5500.0] * 4)
    assert judged(counts).direction == "deteriorating"
    assert judged(counts, measure=measure(has_rate=True), people=more).direction == "no_clear_trend"


def test_a_time_that_is_set_aside_is_not_compared_with() -> None:
    counts = of_quarters([1000.0] * 12 + [400.0] * 4 + [1000.0] * 4)
    lockdown = SetAside(starts=date(2020, 4, 1), until=date(2021, 4, 1), reason="lockdown", source="s")
    travel = judged(counts, set_aside=(lockdown,))
    assert travel.direction == "no_clear_trend"
    # February 2020 had a day more than February 2022.
    assert "0.1% above the same time in earlier years, which chance can explain." in travel.explanation
    assert "2021/22 Q4 is within its usual range." in travel.explanation
    # Less than half of a quarter leaves it in.
    brief = lockdown.model_copy(update={"until": date(2020, 5, 10)})
    assert "above" in judged(counts, set_aside=(brief,)).explanation


def test_the_distance_is_in_incidents_of_the_last_period() -> None:
    """By hand: mean 14, limits 14 ± 3 x √14 = 2.8 and 25.2; 30 is 4.8 above, so 5 fewer."""
    distance = judged(of_quarters([10.0] * 16 + [30.0] * 4)).distance
    assert distance is not None
    assert (distance.incidents, distance.above, distance.outside) == (5, True, True)


# By hand: 10 and 12 in turn have mean 11, and limits of a Poisson variable: 11 ± 3 x √11 = 1.05 and 20.95.
@pytest.mark.parametrize(
    ("target", "promise", "exception"),
    [(22, Assurance.WILL_MEET, False), (11, Assurance.HIT_OR_MISS, False), (1, Assurance.WILL_MISS, True)],
)
def test_a_dated_target_is_judged_by_the_limits(target: float, promise: Assurance, exception: bool) -> None:
    dated = Target(measure="synthetic", area=DISTRICT, value=target, starts=date(2021, 4, 1), set_by="Board", why="x")
    travel = judged(of_quarters([10, 12] * 8), policy=rules(targets=[dated.model_dump()]))
    assert travel.target is not None
    assert (travel.target.assurance, travel.is_exception, travel.direction) == (promise, exception, "no_clear_trend")
    before = dated.model_copy(update={"until": date(2022, 3, 31)})
    assert judged(of_quarters([10, 12] * 8), policy=rules(targets=[before.model_dump()])).target is None


# By hand: 90 of 100 pounds is 90%, which meets a target of 90 and misses one of 91.
@pytest.mark.parametrize(
    ("spent", "target", "good", "promise"),
    [
        (90.0, 90, "up", Assurance.MET),
        (90.0, 91, "up", Assurance.MISSED),
        (110.0, 91, "up", Assurance.MET),
        (90.0, 91, "down", Assurance.MET),
        (92.0, 91, "down", Assurance.MISSED),
        (90.0, 91, "none", None),
        (None, 91, "up", None),
    ],
)
def test_a_target_of_the_twelve_months_is_met_or_missed(
    spent: float | None, target: float, good: str, promise: Assurance | None
) -> None:
    dated = {"measure": "synthetic", "value": target, "of_year": True, "starts": "2021-04-01"}
    dated |= {"set_by": "Board", "why": "x"}
    share = measure(kind="proportion", unit="GBP", denominator="granted")
    year = Amount(Status.NOT_RECEIVED) if spent is None else Amount(Status.REPORTED, spent, 100.0)
    travel = judged(
        {("synthetic", DISTRICT, Span.year_to(QUARTER)): year}, measure=share, policy=rules(good, targets=[dated])
    )
    assert travel.target is not None
    assert travel.target.assurance is promise
    assert travel.target.of_year == (spent if promise else None)
    assert travel.is_exception == (promise is Assurance.MISSED)


def test_a_share_of_money_is_not_counted_in_cases() -> None:
    shown = {
        ("synthetic", DISTRICT, Span.quarter(QUARTER.plus(number - 19))): Amount(Status.REPORTED, 900.0, 1000.0)
        for number in range(20)
    }
    of_money, of_cases = (
        judged(shown, measure=measure(kind="proportion", unit=unit, denominator="granted")) for unit in ("GBP", "cases")
    )
    assert of_cases.distance is not None
    assert of_money.distance is None


def test_more_rows_with_a_location_are_no_rise() -> None:
    # 1,000 crimes a quarter: 900 with a location in the earlier years, 980 in the last.
    located = [900.0] * 16 + [980.0] * 4
    without = [100.0] * 16 + [20.0] * 4
    alone = of_quarters(located) | of_quarters(located, COUNTY)
    assert judged(alone).direction == "deteriorating"
    assert judged(alone | of_quarters(without, "NO-LOCATION")).direction == "no_clear_trend"
    # A real rise is still seen, and what is hidden corrects nothing.
    risen = [900.0] * 16 + [1300.0] * 4
    both = of_quarters(risen) | of_quarters(risen, COUNTY) | of_quarters(without, "NO-LOCATION")
    assert judged(both).direction == "deteriorating"
    hidden: list[float | None] = [None] * 20
    assert judged(alone | of_quarters(hidden, "NO-LOCATION")).direction == "deteriorating"


def test_the_share_with_a_location_has_all_that_the_sender_counts_under_it() -> None:
    spans = [Span.quarter(QUARTER.plus(-1)), Span.quarter(QUARTER)]
    county, elsewhere = of_quarters([60.0, 80.0], COUNTY), of_quarters([30.0, 10.0], "ELSEWHERE")
    both = county | elsewhere | of_quarters([10.0, 30.0], "NO-LOCATION")
    assert located_shares(measure(), both, AREAS, spans) == [pytest.approx(0.9), pytest.approx(0.75)]
    # A share that is not known leaves all as they are: else the others would seem to change.
    one_hidden = county | elsewhere | of_quarters([None, 30.0], "NO-LOCATION")
    assert located_shares(measure(), one_hidden, AREAS, spans) == [1, 1]
    assert located_shares(measure(), county, AREAS, spans) == located_shares(measure(), {}, AREAS, spans) == [1, 1]
    assert located_shares(measure(), both, AREAS, [Span.quarter(QUARTER.plus(-2)), *spans])[0] == 1
