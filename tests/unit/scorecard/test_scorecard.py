"""The comparisons of a scorecard, on a few made-up numbers whose results were worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter, quarters_between
from sia.presentation.words import symbol
from sia.registers.measures import Measure
from sia.registers.policy import policy
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.amounts import Observation, Status, collect_amounts
from sia.scorecard.line import Line
from sia.scorecard.periods import QUARTER as THE_QUARTER
from sia.scorecard.periods import YEAR, YEAR_BEFORE
from sia.scorecard.population import PopulationEstimate, residents
from sia.scorecard.registry import STATISTICS, periods_of
from sia.scorecard.return_status import ReturnState, ReturnStatus
from sia.scorecard.scorecard import Scorecard, build
from sia.scorecard.without_location import without_location
from tests.unit.scorecard import synthetic
from tests.unit.scorecard.synthetic import AREAS, registers

QUARTER = Quarter(2021, 4)
COUNTY, CSP, DISTRICT = "E10000025", "CSP-SOUTH-VALE", "E07000179"
PERIODS = [period.id for period in periods_of(STATISTICS)]

# Made up: 100,000 residents in each district in 2020, 200,000 in 2021.
POPULATION = [
    PopulationEstimate(area.code, year, persons, "made up")
    for area in AREAS.districts
    for year, persons in ((2020, 100_000), (2021, 200_000))
]


def measure(**changes: Any) -> Measure:
    return synthetic.measure(**{"has_rate": True, **changes})


SHARE = measure(kind="proportion", has_rate=False, denominator="all")


def built(
    rows: Sequence[Observation],
    of: Measure,
    returns: Sequence[ReturnStatus] = (),
    breaks: tuple[SeriesBreak, ...] = (),
) -> Scorecard:
    current = registers(of, policy=policy(), breaks=breaks)
    amounts = collect_amounts(rows, [], [of], AREAS, QUARTER, current.periods)
    return build(amounts, current, POPULATION, QUARTER, returns)


def test_a_share_of_money_has_no_interval() -> None:
    spent = synthetic.measure(kind="proportion", unit="GBP", denominator="all")
    for of, has_interval in ((SHARE, True), (spent, False)):
        line = scorecard(of, {QUARTER.key: (30, 60)}).line(of.id, COUNTY)
        assert line.figures["quarter_figure"].value == 50
        assert (line.figures["lower"].value is not None) is has_interval


def scorecard(of: Measure, numbers: dict[str, Any], area: str = COUNTY, **changes: Any) -> Scorecard:
    """A scorecard of one measure in one area: number, or (number, out of), by quarter key."""
    rows = []
    for key, given in numbers.items():
        number, out_of = given if isinstance(given, tuple) else (given, None)
        complete = changes.get("complete", {}).get(key, True)
        rows.append(Observation(of.id, area, key, number, out_of, complete, synthetic=False))
    return built(rows, of)


class Values:
    """The values of a line by the id of a statistic; ``None`` where there is none."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def __getitem__(self, statistic: str) -> Any:
        return self.line.figures[statistic].value

    def status(self, period: str) -> Status:
        return self.line.statuses[period]

    def symbol(self, statistic: str) -> str:
        return symbol(self.line.figures[statistic].status)


def line(card: Scorecard, area: str = COUNTY) -> Values:
    return Values(card.lines_of(card.measures[0])[area])


def eight(first: int = 10) -> dict[str, Any]:
    """Numbers 10, 11, … 17 for the eight quarters to the last."""
    keys = [quarter.key for quarter in quarters_between(QUARTER.plus(-7), QUARTER)]
    return {key: first + number for number, key in enumerate(keys)}


def test_counts_are_compared_with_last_year_and_over_twelve_months() -> None:
    values = line(scorecard(measure(), eight()))
    # By hand: 17 against 13 is +4, 4/13 = 30.769%; 14+15+16+17 = 62 against 10+11+12+13 = 46, +16, 16/46 = 34.783%.
    assert (values["quarter_number"], values["last_year_number"], values["change"]) == (17, 13, 4)
    assert values["change_percent"] == pytest.approx(30.769, abs=0.0005)
    assert (values["year_figure"], values["year_before_figure"], values["year_change"]) == (62, 46, 16)
    assert values["year_change_percent"] == pytest.approx(34.783, abs=0.0005)
    assert {values.status(period) for period in PERIODS} == {"reported"}


def withheld_once(of: Measure, key: str, row: tuple[float | None, float | None], rest: Any) -> Values:
    """The county's line where the sender withheld a part of one quarter."""
    rows = [
        Observation(of.id, COUNTY, quarter, *(row if quarter == key else rest(number)), True, False, reason)
        for quarter, number in eight().items()
        for reason in ["withheld" if quarter == key else None]
    ]
    return line(built(rows, of))


def test_a_withheld_quarter_is_in_no_sum_and_no_comparison() -> None:
    values = withheld_once(measure(), QUARTER.plus(-1).key, (None, None), lambda number: (number, None))
    assert (values["quarter_number"], values.status("quarter"), values.status("year")) == (17, "reported", "withheld")
    assert (values["year_figure"], values.symbol("year_figure"), values.symbol("year_change")) == (None, "[w]", "[w]")
    assert values["year_before_figure"] == 46
    now = withheld_once(measure(), QUARTER.key, (None, None), lambda number: (number, None))
    for statistic in ("quarter_number", "rate", "lower", "change", "change_percent"):
        assert (now[statistic], now.symbol(statistic)) == (None, "[w]")
    assert now.line.history[-1].figure is None
    assert not now.line.is_empty


def test_a_share_is_withheld_where_what_it_is_out_of_is() -> None:
    values = withheld_once(SHARE, QUARTER.key, (17, None), lambda number: (number, 2 * number))
    assert (values["quarter_figure"], values.symbol("quarter_figure")) == (None, "[w]")
    assert values["last_year_figure"] == 50


def test_a_break_between_two_periods_leaves_no_change_and_says_so() -> None:
    def of(day: date) -> Values:
        change = SeriesBreak(starts=day, kind="definition", reason="r", source="s", measures=("synthetic",))
        rows = [
            Observation("synthetic", COUNTY, key, number, None, complete=True, synthetic=False)
            for key, number in eight().items()
        ]
        return line(built(rows, measure(), breaks=(change,)))

    inside = of(date(2021, 4, 1))
    assert inside["change"] is None
    assert inside["year_change_percent"] is None
    assert (inside.symbol("change_percent"), inside.symbol("year_change")) == ("[b]", "[b]")
    assert (inside["quarter_number"], inside["last_year_number"], inside["year_figure"]) == (17, 13, 62)
    # The quarter and the same quarter last year are after 1 January 2021; the twelve months before begin earlier.
    assert (of(date(2021, 1, 1))["change"], of(date(2021, 1, 1)).symbol("year_change")) == (4, "[b]")
    assert (of(date(2020, 4, 1))["change"], of(date(2020, 4, 1))["year_change"]) == (4, 16)


def test_rates_divide_by_the_estimate_of_the_year_in_which_the_financial_year_begins() -> None:
    card = scorecard(measure(), eight())
    # By hand: Q4 of 2021/22 divides by mid-2021: five districts of 200,000; 17 / 1,000 thousands.
    assert card.residents.mid_year == 2021
    assert line(card).line.residents == 1_000_000
    assert line(card)["rate"] == pytest.approx(0.017)
    # Q4 of 2020/21 divides 13 by mid-2020: 500,000.
    history = {past.quarter.key: past.value for past in line(card).line.history}
    assert history["2020-21Q4"] == pytest.approx(0.026)
    assert len(history) == 8


def test_a_partnerships_residents_are_the_sum_of_its_districts() -> None:
    values = line(scorecard(measure(), eight(), area=CSP), CSP)
    assert values.line.residents == 400_000
    assert values["lower"] < values["rate"] < values["upper"]


def test_the_latest_estimate_before_serves_where_the_years_own_is_missing() -> None:
    late = residents(POPULATION, Quarter(2024, 1), AREAS)
    assert (late.mid_year, late.persons[DISTRICT]) == (2021, 200_000)
    assert residents(POPULATION, Quarter(2019, 1), AREAS).persons == {}


def test_an_estimate_that_lacks_a_district_is_not_used() -> None:
    without = [row for row in POPULATION if (row.mid_year, row.area_code) != (2021, DISTRICT)]
    assert residents(without, QUARTER, AREAS).mid_year == 2020


def test_a_missing_quarter_is_never_zero_and_spreads_to_what_rests_on_it() -> None:
    numbers = eight()
    del numbers["2021-22Q2"]
    values = line(scorecard(measure(), numbers))
    assert values.status("year") == "not_received"
    assert all(
        values[statistic] is None for statistic in ("year_number", "year_figure", "year_change", "year_change_percent")
    )
    assert (values["quarter_number"], values["change"], values["year_before_figure"]) == (17, 4, 46)


def test_the_quarter_itself_missing_leaves_last_year_and_no_change() -> None:
    numbers = eight()
    del numbers[QUARTER.key]
    card = scorecard(measure(), numbers)
    values = line(card)
    assert values.status("quarter") == "not_received"
    assert values["quarter_number"] is None
    assert values["rate"] is None
    assert values["change"] is None
    assert values["last_year_number"] == 13
    assert card.unreported == card.measures
    assert card.reported == ()


def test_zero_is_a_figure() -> None:
    values = line(scorecard(measure(), eight() | {QUARTER.key: 0, "2020-21Q4": 0}))
    assert (values["quarter_number"], values["rate"], values["lower"], values["change"]) == (0, 0, 0, 0)
    assert values["upper"] == pytest.approx(0.0036889, abs=5e-8)
    # There is no per cent of nothing.
    assert values["change_percent"] is None


def test_an_incomplete_quarter_is_shown_and_never_compared() -> None:
    card = scorecard(measure(), eight(), complete={QUARTER.key: False})
    values = line(card)
    assert values.status("quarter") == "incomplete"
    assert values["quarter_number"] == 17
    assert all(
        values[statistic] is None for statistic in ("rate", "lower", "upper", "change", "change_percent", "year_number")
    )
    assert values.line.history[-1].value is None
    assert card.reported == card.measures


def test_an_incomplete_quarter_last_year_is_not_compared_with() -> None:
    values = line(scorecard(measure(), eight(), complete={"2020-21Q4": False}))
    assert values.status("last_year") == "incomplete"
    assert values["last_year_number"] is None
    assert values["change"] is None
    assert values["year_before_figure"] is None
    assert values["year_figure"] == 62


def test_a_proportion_is_pooled_over_the_year_and_changes_in_points() -> None:
    keys = list(eight())
    numbers = dict(zip(keys, [(1, 2), (1, 2), (1, 2), (1, 2), (0, 10), (0, 10), (0, 10), (65, 100)], strict=True))
    values = line(scorecard(SHARE, numbers))
    # By hand: 65 of 100 is 65.0, +15 points on 50.0; 65 of 130 is 50.0, and not the mean of 0, 0, 0 and 65.
    assert (values["quarter_figure"], values["change"]) == (65, 15)
    assert (values["year_figure"], values["year_change"]) == (50, 0)
    assert values["change_percent"] is None
    # Wilson's 65 of 100, as published: 0.5525 to 0.7364.
    assert (values["lower"], values["upper"]) == (pytest.approx(55.25, abs=0.005), pytest.approx(73.64, abs=0.005))


def test_a_share_of_nothing_is_not_applicable_and_still_counts_in_the_year() -> None:
    numbers = dict.fromkeys(eight(), (1, 4)) | {QUARTER.key: (0, 0)}
    values = line(scorecard(SHARE, numbers))
    assert values.status("quarter") == "not_applicable"
    assert values["quarter_figure"] is None
    assert values["change"] is None
    assert (values["year_number"], values["year_out_of"], values["year_figure"]) == (3, 12, 25)


def test_a_share_of_an_unknown_whole_is_not_known() -> None:
    values = line(scorecard(SHARE, {QUARTER.key: (3, None)}))
    assert values.status("quarter") == "not_received"
    assert values["quarter_number"] is None


def test_more_than_the_whole_has_no_interval() -> None:
    values = line(scorecard(SHARE, {QUARTER.key: (12, 10)}))
    assert values["quarter_figure"] == 120
    assert values["lower"] is None


def test_a_mean_comes_from_unrounded_sums() -> None:
    mean = measure(kind="mean", has_rate=False, denominator="jobs", unit="GBP a job")
    keys = [quarter.key for quarter in quarters_between(QUARTER.plus(-3), QUARTER)]
    # Published: the four quarters of 2019/20 cost 429, 866, 808 and 210 pounds for 5, 4, 10 and 4 properties.
    numbers = dict(zip(keys, [(429, 5), (866, 4), (808, 10), (210, 4)], strict=True))
    values = line(scorecard(mean, numbers))
    # By hand: 210 / 4 = 52.5, published as 53; 2313 / 23 = 100.565.
    assert values["quarter_figure"] == 52.5
    assert values["year_figure"] == pytest.approx(100.565, abs=0.0005)
    assert values["rate"] is None


def test_a_quarter_in_which_a_measure_begins_is_incomplete_and_so_are_its_twelve_months() -> None:
    young = measure(begins=date(2021, 6, 1))
    numbers = {"2021-22Q1": 10, "2021-22Q2": 13, "2021-22Q3": 14, "2021-22Q4": 15}
    card = scorecard(young, numbers)
    values = Values(card.line(young.id, COUNTY))
    assert values["quarter_figure"] == 15
    # Ten months are no twelve, though there are four quarters of 52 together.
    assert values.status("year") is Status.INCOMPLETE
    assert values["year_figure"] is None
    assert card.line(young.id, COUNTY).history[-4].value is None
    from_april = measure(begins=date(2021, 4, 1))
    assert Values(scorecard(from_april, numbers).line(young.id, COUNTY))["year_figure"] == 52


def test_a_measure_is_whole_in_the_quarters_that_it_covers() -> None:
    young = measure(begins=date(2021, 6, 1), until=date(2022, 3, 1))
    assert [young.is_whole_in(Quarter(2021, number)) for number in (1, 2, 3, 4)] == [False, True, True, False]
    assert all(young.defined_in(Quarter(2021, number)) for number in (1, 2, 3, 4))
    to_the_end = measure(until=date(2022, 4, 1))
    assert to_the_end.is_whole_in(QUARTER)
    assert not to_the_end.defined_in(QUARTER.plus(1))


def test_a_measure_is_not_applicable_where_it_was_not_yet_defined() -> None:
    young = measure(begins=date(2021, 4, 1))
    values = line(scorecard(young, eight()))
    assert values.status("quarter") == values.status("year") == "reported"
    assert values["year_figure"] == 62
    assert values.status("last_year") == values.status("year_before") == "not_applicable"
    assert values["last_year_number"] is None


def test_synthetic_figures_are_marked_through_to_the_whole() -> None:
    card = scorecard(measure(), eight())
    assert not card.synthetic
    made_up = Observation("synthetic", COUNTY, "2020-21Q1", 5, None, complete=True, synthetic=True)
    assert built([made_up], measure()).synthetic


def test_places_outside_the_areas_appear_only_where_they_have_figures() -> None:
    card = scorecard(measure(), eight(), area="NO-LOCATION")
    areas = set(card.lines_of(card.measures[0]))
    assert "NO-LOCATION" in areas
    assert not areas & {"NOT-DISCLOSED", "ELSEWHERE", "OUT-OF-AREA", "E06000037", "SERVICE"}
    assert len(areas) == 11
    assert line(card, "NO-LOCATION")["rate"] is None


def test_the_share_without_a_place_counts_all_that_was_sent() -> None:
    # Published by the police for January to March 2022: 12,361 in Oxfordshire, 2,074 without a place, 33,980 elsewhere.
    rows = [
        Observation("synthetic", area, QUARTER.key, number, None, complete=True, synthetic=False)
        for area, number in ((COUNTY, 12_361), ("NO-LOCATION", 2_074), ("ELSEWHERE", 33_980))
    ]
    card = built(rows, measure())
    share = without_location(measure(), card.lines_of(card.measures[0]), AREAS)
    assert share is not None
    # By hand: 2,074 of 48,415 is 4.284%.
    assert (share.number, share.out_of) == (2_074, 48_415)
    assert share.per_cent == pytest.approx(4.284, abs=0.0005)


def test_the_share_without_a_place_is_unknown_where_a_part_is() -> None:
    card = scorecard(measure(), eight(), area="NO-LOCATION")
    assert without_location(measure(), card.lines_of(card.measures[0]), AREAS) is None


def test_hiding_a_period_hides_every_number_that_rests_on_it() -> None:
    """Disclosure control relies on this: a period's own numbers rest on it alone, changes on two periods."""
    for statistic in STATISTICS:
        assert statistic.periods
        own = [
            period
            for period in PERIODS
            if statistic.id in {f"{period}_{part}" for part in ("number", "out_of", "figure")}
        ]
        assert own == [] or [period.id for period in statistic.periods] == own
        assert len(statistic.periods) == (2 if "change" in statistic.id else 1)
    assert periods_of(STATISTICS)[0] == THE_QUARTER
    for period in (THE_QUARTER, YEAR, YEAR_BEFORE):
        hidden = {("synthetic", COUNTY, period.span(QUARTER)): synthetic.Amount(Status.CONFIDENTIAL)}
        rows = [
            Observation("synthetic", COUNTY, key, number, None, complete=True, synthetic=False)
            for key, number in eight().items()
        ]
        current = registers(measure(), policy=policy())
        amounts = collect_amounts(rows, [], [measure()], AREAS, QUARTER, current.periods)
        values = line(build({**amounts, **hidden}, current, POPULATION, QUARTER))
        for statistic in STATISTICS:
            is_hidden = values.line.figures[statistic.id].status is Status.CONFIDENTIAL
            assert is_hidden is (period in statistic.periods), (statistic.id, period.id)
            assert not is_hidden or values[statistic.id] is None


def test_figures_are_known_as_of_the_newest_return() -> None:
    returns = [
        ReturnStatus(
            "x", "x", "x", "x", QUARTER, expected=True, state=ReturnState.ACCEPTED, received_on=day, reasons=()
        )
        for day in (date(2022, 4, 5), None)
    ]
    assert built([], measure(), returns).as_of == date(2022, 4, 5)
    assert scorecard(measure(), eight()).as_of == QUARTER.end
