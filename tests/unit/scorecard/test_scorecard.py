"""The comparisons of a scorecard, on a few made-up numbers whose results were worked out by hand."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Any

import pandas as pd
import pytest

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.presentation.figures import symbol
from sia.registers.measures import Measure
from sia.registers.policy import policy
from sia.registers.series_breaks import SeriesBreak
from sia.scorecard.amounts import amounts
from sia.scorecard.population import residents
from sia.scorecard.scorecard import PERIODS, RESTS_ON, Scorecard, build
from sia.scorecard.without_location import unlocated

QUARTER = Quarter(2021, 4)
COUNTY, CSP, DISTRICT = "E10000025", "CSP-SOUTH-VALE", "E07000179"
OBSERVED = ["measure_id", "area_code", "quarter_key", "numerator", "denominator", "complete", "synthetic"]

# Made up: 100,000 residents in each district in 2020, 200,000 in 2021.
POPULATION = pd.DataFrame(
    [
        {"area_code": area.code, "mid_year": year, "persons": persons, "vintage": "made up"}
        for area in geography.districts()
        for year, persons in ((2020, 100_000), (2021, 200_000))
    ]
)
NO_MONTHS = pd.DataFrame(columns=["measure_id", "area_code", "starts_on", "numerator", "denominator", "synthetic"])
NO_RETURNS = pd.DataFrame(
    columns=[
        "return_name",
        "return_title",
        "source",
        "source_name",
        "quarter_key",
        "expected",
        "state",
        "received_on",
        "reasons",
    ]
)


def measure(**changes: Any) -> Measure:
    given: dict[str, Any] = {
        "id": "synthetic",
        "title": "Made up",
        "theme": "Made up",
        "lead": "Nobody",
        "source": "thames_valley_police",
        "return_name": "tvp_counts",
        "unit": "crimes",
        "has_rate": True,
        "numerator": "synthetic",
    }
    return Measure.model_validate(given | changes)


SHARE = measure(kind="proportion", has_rate=False, denominator="all")


def built(rows: pd.DataFrame, of: Measure, returns: pd.DataFrame = NO_RETURNS) -> Scorecard:
    return build(amounts(rows, NO_MONTHS, [of], QUARTER), [of], POPULATION, QUARTER, returns, policy())


def scorecard(of: Measure, numbers: dict[str, Any], area: str = COUNTY, **changes: Any) -> Scorecard:
    """A scorecard of one measure in one area: number, or (number, out of), by quarter key."""
    rows = []
    for key, given in numbers.items():
        number, out_of = given if isinstance(given, tuple) else (given, None)
        rows.append((of.id, area, key, number, out_of, changes.get("complete", {}).get(key, True), False))
    return built(pd.DataFrame(rows, columns=OBSERVED), of)


def line(card: Scorecard, area: str = COUNTY) -> Any:
    return card.lines_of(card.measures[0])[area]


def eight(first: int = 10) -> dict[str, Any]:
    """Numbers 10, 11, … 17 for the eight quarters to the last."""
    keys = [quarter.key for quarter in quarters_between(QUARTER.plus(-7), QUARTER)]
    return {key: first + number for number, key in enumerate(keys)}


def test_counts_are_compared_with_last_year_and_over_twelve_months() -> None:
    found = line(scorecard(measure(), eight()))
    # By hand: 17 against 13 is +4, 4/13 = 30.769%; 14+15+16+17 = 62 against 10+11+12+13 = 46, +16, 16/46 = 34.783%.
    assert (found["quarter_number"], found["last_year_number"], found["change"]) == (17, 13, 4)
    assert found["change_percent"] == pytest.approx(30.769, abs=0.0005)
    assert (found["year_figure"], found["year_before_figure"], found["year_change"]) == (62, 46, 16)
    assert found["year_change_percent"] == pytest.approx(34.783, abs=0.0005)
    assert {found[f"{period}_status"] for period in PERIODS} == {"reported"}


def test_a_break_between_two_periods_leaves_no_change_and_says_so() -> None:
    def of(day: date) -> Any:
        change = SeriesBreak(starts=day, kind="definition", reason="r", source="s", measures=("synthetic",))
        rows = [("synthetic", COUNTY, key, number, None, True, False) for key, number in eight().items()]
        held = amounts(pd.DataFrame(rows, columns=OBSERVED), NO_MONTHS, [measure()], QUARTER)
        return line(build(held, [measure()], POPULATION, QUARTER, NO_RETURNS, policy(), [change]))

    inside = of(date(2021, 4, 1))
    assert isnan(inside["change"])
    assert isnan(inside["year_change_percent"])
    assert (symbol(inside, "change_percent"), symbol(inside, "year_change")) == ("[b]", "[b]")
    assert (inside["quarter_number"], inside["last_year_number"], inside["year_figure"]) == (17, 13, 62)
    # The quarter and the same quarter last year lie after 1 January 2021; the twelve months before begin earlier.
    assert (of(date(2021, 1, 1))["change"], symbol(of(date(2021, 1, 1)), "year_change")) == (4, "[b]")
    assert (of(date(2020, 4, 1))["change"], of(date(2020, 4, 1))["year_change"]) == (4, 16)


def test_rates_divide_by_the_estimate_of_the_year_in_which_the_financial_year_begins() -> None:
    card = scorecard(measure(), eight())
    # By hand: Q4 of 2021/22 divides by mid-2021: five districts of 200,000; 17 / 1,000 thousands.
    assert card.residents.mid_year == 2021
    assert line(card)["residents"] == 1_000_000
    assert line(card)["rate"] == pytest.approx(0.017)
    # Q4 of 2020/21 divides 13 by mid-2020: 500,000.
    trend = card.trend_of(card.measures[0], COUNTY).set_index("quarter_key")["value"]
    assert trend["2020-21Q4"] == pytest.approx(0.026)
    assert len(trend) == 8


def test_a_partnerships_residents_are_the_sum_of_its_districts() -> None:
    found = line(scorecard(measure(), eight(), area=CSP), CSP)
    assert found["residents"] == 400_000
    assert found["lower"] < found["rate"] < found["upper"]


def test_the_latest_estimate_before_serves_where_the_years_own_is_missing() -> None:
    late = residents(POPULATION, Quarter(2024, 1))
    assert (late.mid_year, late.persons[DISTRICT]) == (2021, 200_000)
    assert residents(POPULATION, Quarter(2019, 1)).persons == {}


def test_an_estimate_that_lacks_a_district_is_not_used() -> None:
    holed = POPULATION[~((POPULATION["mid_year"] == 2021) & (POPULATION["area_code"] == DISTRICT))]
    assert residents(holed, QUARTER).mid_year == 2020


def test_a_missing_quarter_is_never_zero_and_spreads_to_what_rests_on_it() -> None:
    numbers = eight()
    del numbers["2021-22Q2"]
    found = line(scorecard(measure(), numbers))
    assert found["year_status"] == "not received"
    assert all(isnan(found[column]) for column in ("year_number", "year_figure", "year_change", "year_change_percent"))
    assert (found["quarter_number"], found["change"], found["year_before_figure"]) == (17, 4, 46)


def test_the_quarter_itself_missing_leaves_last_year_and_no_change() -> None:
    numbers = eight()
    del numbers[QUARTER.key]
    card = scorecard(measure(), numbers)
    found = line(card)
    assert found["quarter_status"] == "not received"
    assert isnan(found["quarter_number"])
    assert isnan(found["rate"])
    assert isnan(found["change"])
    assert found["last_year_number"] == 13
    assert card.unreported == card.measures
    assert card.reported == ()


def test_zero_is_a_figure() -> None:
    found = line(scorecard(measure(), eight() | {QUARTER.key: 0, "2020-21Q4": 0}))
    assert (found["quarter_number"], found["rate"], found["lower"], found["change"]) == (0, 0, 0, 0)
    assert found["upper"] == pytest.approx(0.0036889, abs=5e-8)
    # There is no per cent of nothing.
    assert isnan(found["change_percent"])


def test_an_incomplete_quarter_is_shown_and_never_compared() -> None:
    card = scorecard(measure(), eight(), complete={QUARTER.key: False})
    found = line(card)
    assert found["quarter_status"] == "incomplete"
    assert found["quarter_number"] == 17
    assert all(isnan(found[column]) for column in ("rate", "lower", "upper", "change", "change_percent", "year_number"))
    assert isnan(card.trend_of(card.measures[0], COUNTY)["value"].iloc[-1])
    assert card.reported == card.measures


def test_an_incomplete_quarter_last_year_is_not_compared_with() -> None:
    found = line(scorecard(measure(), eight(), complete={"2020-21Q4": False}))
    assert found["last_year_status"] == "incomplete"
    assert isnan(found["last_year_number"])
    assert isnan(found["change"])
    assert isnan(found["year_before_figure"])
    assert found["year_figure"] == 62


def test_a_proportion_is_pooled_over_the_year_and_changes_in_points() -> None:
    keys = list(eight())
    numbers = dict(zip(keys, [(1, 2), (1, 2), (1, 2), (1, 2), (0, 10), (0, 10), (0, 10), (65, 100)], strict=True))
    found = line(scorecard(SHARE, numbers))
    # By hand: 65 of 100 is 65.0, +15 points on 50.0; 65 of 130 is 50.0, and not the mean of 0, 0, 0 and 65.
    assert (found["quarter_figure"], found["change"]) == (65, 15)
    assert (found["year_figure"], found["year_change"]) == (50, 0)
    assert isnan(found["change_percent"])
    # Wilson's 65 of 100, as published: 0.5525 to 0.7364.
    assert (found["lower"], found["upper"]) == (pytest.approx(55.25, abs=0.005), pytest.approx(73.64, abs=0.005))


def test_a_share_of_nothing_is_not_applicable_and_still_counts_in_the_year() -> None:
    numbers = dict.fromkeys(eight(), (1, 4)) | {QUARTER.key: (0, 0)}
    found = line(scorecard(SHARE, numbers))
    assert found["quarter_status"] == "not applicable"
    assert isnan(found["quarter_figure"])
    assert isnan(found["change"])
    assert (found["year_number"], found["year_out_of"], found["year_figure"]) == (3, 12, 25)


def test_a_share_of_an_unknown_whole_is_not_known() -> None:
    found = line(scorecard(SHARE, {QUARTER.key: (3, None)}))
    assert found["quarter_status"] == "not received"
    assert isnan(found["quarter_number"])


def test_more_than_the_whole_has_no_interval() -> None:
    found = line(scorecard(SHARE, {QUARTER.key: (12, 10)}))
    assert found["quarter_figure"] == 120
    assert isnan(found["lower"])


def test_a_mean_comes_from_unrounded_sums() -> None:
    mean = measure(kind="mean", has_rate=False, denominator="jobs", unit="GBP a job")
    keys = [quarter.key for quarter in quarters_between(QUARTER.plus(-3), QUARTER)]
    # Published: the four quarters of 2019/20 cost 429, 866, 808 and 210 pounds for 5, 4, 10 and 4 properties.
    numbers = dict(zip(keys, [(429, 5), (866, 4), (808, 10), (210, 4)], strict=True))
    found = line(scorecard(mean, numbers))
    # By hand: 210 / 4 = 52.5, published as 53; 2313 / 23 = 100.565.
    assert found["quarter_figure"] == 52.5
    assert found["year_figure"] == pytest.approx(100.565, abs=0.0005)
    assert isnan(found["rate"])


def test_a_measure_is_not_applicable_where_it_was_not_yet_defined() -> None:
    young = measure(begins=date(2021, 6, 1))
    found = line(scorecard(young, eight()))
    assert found["quarter_status"] == found["year_status"] == "reported"
    assert found["year_figure"] == 62
    assert found["last_year_status"] == found["year_before_status"] == "not applicable"
    assert isnan(found["last_year_number"])


def test_synthetic_figures_are_marked_through_to_the_whole() -> None:
    card = scorecard(measure(), eight())
    assert not card.synthetic
    rows = pd.DataFrame([("synthetic", COUNTY, "2020-21Q1", 5, None, True, True)], columns=OBSERVED)
    assert built(rows, measure()).synthetic


def test_places_that_are_no_area_stand_beside_only_where_they_have_figures() -> None:
    card = scorecard(measure(), eight(), area="NO-LOCATION")
    areas = set(card.lines_of(card.measures[0]))
    assert "NO-LOCATION" in areas
    assert not areas & {"NOT-DISCLOSED", "ELSEWHERE", "OUT-OF-AREA", "E06000037", "SERVICE"}
    assert len(areas) == 11
    assert isnan(line(card, "NO-LOCATION")["rate"])


def test_the_share_without_a_place_is_of_all_that_was_sent() -> None:
    # Published by the police for January to March 2022: 12,361 in Oxfordshire, 2,074 without a place, 33,980 elsewhere.
    rows = [
        ("synthetic", area, QUARTER.key, number, None, True, False)
        for area, number in ((COUNTY, 12_361), ("NO-LOCATION", 2_074), ("ELSEWHERE", 33_980))
    ]
    card = built(pd.DataFrame(rows, columns=OBSERVED), measure())
    share = unlocated(measure(), card.lines_of(measure()))
    assert share is not None
    # By hand: 2,074 of 48,415 is 4.284%.
    assert (share.number, share.of) == (2_074, 48_415)
    assert share.per_cent == pytest.approx(4.284, abs=0.0005)


def test_the_share_without_a_place_is_unknown_where_a_part_is() -> None:
    card = scorecard(measure(), eight(), area="NO-LOCATION")
    assert unlocated(measure(), card.lines_of(measure())) is None


def test_hiding_a_period_would_hide_every_number_that_rests_on_it() -> None:
    """What later hides small numbers relies on this map: each period's own amounts rest on it, changes on two."""
    for column, periods in RESTS_ON.items():
        assert periods
        assert set(periods) <= set(PERIODS)
        own = [
            period for period in PERIODS if column in {f"{period}_{part}" for part in ("number", "out_of", "figure")}
        ]
        assert own == [] or list(periods) == own
    assert all(len(RESTS_ON[column]) == 2 for column in RESTS_ON if "change" in column)


def test_figures_are_known_as_of_the_newest_return() -> None:
    rows = [dict.fromkeys(NO_RETURNS.columns, "x") | {"received_on": day} for day in (date(2022, 4, 5), None)]
    card = built(pd.DataFrame(columns=OBSERVED), measure(), pd.DataFrame(rows))
    assert card.as_of == date(2022, 4, 5)
    assert scorecard(measure(), eight()).as_of == QUARTER.end
