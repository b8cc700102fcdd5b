"""The business cycle: months from the OSCP's annual refresh 2013-14, days counted by hand (gov.uk: bank holidays)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sia.calendar import Quarter, is_working_day
from sia.registers.business_cycle import BusinessCycle, PaperSchedule, cycle, last_complete_year, year_ending

QUARTERS = st.builds(Quarter, st.integers(2000, 2045), st.integers(1, 4))


@pytest.mark.parametrize(
    ("paper", "quarter", "day"),
    [
        # 1 May 2022 is a Sunday, and the Monday after it the early May bank holiday.
        ("csp_report", "2021-22Q4", date(2022, 5, 3)),
        ("csp_report", "2021-22Q1", date(2021, 8, 2)),
        ("csp_report", "2021-22Q2", date(2021, 11, 1)),
        ("csp_report", "2021-22Q3", date(2022, 2, 1)),
        # 1 October 2022 is a Saturday.
        ("assessment", "2021-22Q4", date(2022, 10, 3)),
    ],
)
def test_the_day_of_a_paper(paper: str, quarter: str, day: date) -> None:
    assert cycle().papers[paper].made_on(Quarter.parse(quarter)) == day


@given(quarter=QUARTERS, months=st.integers(1, 12))
def test_it_is_the_first_working_day_of_its_month(quarter: Quarter, months: int) -> None:
    day = PaperSchedule(quarters=frozenset({quarter.number}), months_after=months, why="x").made_on(quarter)
    assert is_working_day(day)
    assert (day.year * 12 + day.month) - (quarter.end.year * 12 + quarter.end.month) == months
    assert not any(is_working_day(day.replace(day=earlier)) for earlier in range(1, day.day))


def test_the_board_meets_in_july_november_and_february() -> None:
    assert cycle().board_months == {7, 11, 2}


@pytest.mark.parametrize(
    ("day", "board"),
    [
        (date(2022, 5, 3), date(2022, 7, 1)),
        (date(2021, 8, 2), date(2021, 11, 1)),
        (date(2021, 11, 30), date(2021, 11, 1)),
        (date(2021, 12, 1), date(2022, 2, 1)),
        (date(2022, 2, 1), date(2022, 2, 1)),
    ],
)
def test_the_board_that_sees_a_paper(day: date, board: date) -> None:
    assert cycle().board_after(day) == board


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2022, 3, 31), Quarter(2020, 4)),
        (date(2022, 4, 1), Quarter(2021, 4)),
        (date(2022, 10, 3), Quarter(2021, 4)),
        (date(2023, 1, 1), Quarter(2021, 4)),
    ],
)
def test_the_last_complete_year(day: date, last: Quarter) -> None:
    assert last_complete_year(day) == last


@pytest.mark.parametrize("text", ["2021-22", "2021/22"])
def test_a_year_as_people_write_it(text: str) -> None:
    assert year_ending(text) == Quarter(2021, 4)


@pytest.mark.parametrize("text", ["2021", "2021-23", "", "2021-22Q1"])
def test_no_year(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2021-22"):
        year_ending(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"board_months": [13], "papers": {}},
        {"board_months": [], "papers": {}},
        {"board_months": [7], "papers": {"x": {"quarters": [5], "months_after": 2, "why": ""}}},
        {"board_months": [7], "papers": {"x": {"quarters": [], "months_after": 2, "why": ""}}},
        {"board_months": [7], "papers": {}, "more": 1},
    ],
)
def test_the_register_says_only_what_it_can(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BusinessCycle.model_validate(wrong)
