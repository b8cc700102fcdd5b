from __future__ import annotations

from math import nan

import pytest

from sia.presentation.figures import SYMBOLS, good_direction, plain, shown, symbol, unit_of
from sia.registers.measures import Measure, measures

BY_ID = {measure.id: measure for measure in measures()}
CRIMES = BY_ID["all_recorded_crime"]
SHARE = BY_ID["serious_crime_detection_rate"]
COST = BY_ID["average_cost_works"]
DAYS = BY_ID["days_to_complete"]


# By hand, rounding half up: 1.005 is 1.01; 12.25 is 12.3.
@pytest.mark.parametrize(
    ("measure", "column", "value", "text"),
    [
        (CRIMES, "quarter_figure", 12345, "12,345"),
        (CRIMES, "rate", 1.005, "1.01"),
        (CRIMES, "change", 34, "+34"),
        (CRIMES, "change", -1234, "−1,234"),
        (CRIMES, "change", 0, "no change"),
        (CRIMES, "change_percent", 12.25, "+12.3%"),
        (SHARE, "quarter_figure", 41.25, "41.3%"),
        (SHARE, "change", -7.3, "−7.3 points"),
        (SHARE, "quarter_number", 12, "12"),
        (COST, "quarter_figure", 285, "£285.00"),
        (COST, "quarter_out_of", 14, "14"),
        (COST, "year_change", -2.325, "−£2.33"),
        (DAYS, "quarter_figure", 12.25, "12.3"),
    ],
)
def test_numbers_for_people(measure: Measure, column: str, value: float, text: str) -> None:
    assert shown(measure, {column: value}, column) == text


@pytest.mark.parametrize(
    ("measure_unit", "one", "two"),
    [
        ("crimes", "crime", "crimes"),
        ("crimes detected", "crime detected", "crimes detected"),
        ("offences against baseline", "offence against baseline", "offences against baseline"),
        ("properties", "property", "properties"),
        ("people", "person", "people"),
        ("young people", "young person", "young people"),
        ("days a property", "day a property", "days a property"),
    ],
)
def test_the_unit_of_one_is_singular(measure_unit: str, one: str, two: str) -> None:
    counted = CRIMES.model_copy(update={"unit": measure_unit})
    assert (unit_of(counted, "1"), unit_of(counted, "2"), unit_of(counted, "1.0")) == (one, two, two)


def test_what_is_compared_has_its_own_sign() -> None:
    assert plain(CRIMES, "value", 1.785) == "1.79"
    assert plain(SHARE, "value", 50) == "50.0%"
    assert plain(BY_ID["cameras_installed"], "value", 1115) == "1,115"
    assert plain(COST, "value", 86.4) == "£86.40"


@pytest.mark.parametrize(
    ("quarter", "last_year", "mark"),
    [
        ("reported", "not received", "[x]"),
        ("incomplete", "reported", "[x]"),
        ("not applicable", "not received", "[x]"),
        ("reported", "not applicable", "[z]"),
        ("reported", "reported", "[z]"),
    ],
)
def test_a_missing_number_says_why(quarter: str, last_year: str, mark: str) -> None:
    line = {"quarter_status": quarter, "last_year_status": last_year, "change": nan}
    assert symbol(line, "change") == shown(CRIMES, line, "change") == mark
    assert mark in SYMBOLS


def test_good_direction_is_said_in_words() -> None:
    assert good_direction(CRIMES, "down") == "Down is good."
    assert good_direction(SHARE, "up") == "Up is good."
    assert "under-reported" in good_direction(BY_ID["domestic_abuse_crimes"], "up")
    assert good_direction(BY_ID["closure_orders"], "none") == "No direction is good or bad in itself."
