from __future__ import annotations

import pytest

from sia.presentation.number_format import format_number, format_value, unit_of
from sia.presentation.symbols import SYMBOLS
from sia.presentation.words import good_direction, symbol
from sia.registers.measures import Measure, measures
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.registry import CHANGE, STATISTICS, Basis, Quantity

BY_ID = {measure.id: measure for measure in measures()}
STATISTIC = {statistic.id: statistic for statistic in STATISTICS}
CRIMES = BY_ID["all_recorded_crime"]
SHARE = BY_ID["serious_crime_detection_rate"]
COST = BY_ID["average_cost_works"]
DAYS = BY_ID["days_to_complete"]
SPENT = BY_ID["csp_grant_spent_share"]


# By hand, rounding half up: 1.005 is 1.01; 12.25 is 12.3.
@pytest.mark.parametrize(
    ("measure", "statistic", "value", "text"),
    [
        (CRIMES, "quarter_figure", 12345, "12,345"),
        (CRIMES, "rate", 1.005, "1.01"),
        (CRIMES, "change", 34, "+34"),
        (CRIMES, "change", -1234, "−1,234"),
        (CRIMES, "change", 0, "the same"),
        (CRIMES, "change_percent", 12.25, "+12.3%"),
        (SHARE, "quarter_figure", 41.25, "41.3%"),
        (SHARE, "change", -7.3, "−7.3 points"),
        (SHARE, "quarter_number", 12, "12"),
        (COST, "quarter_figure", 285, "£285.00"),
        (COST, "quarter_out_of", 14, "14"),
        (COST, "year_change", -2.325, "−£2.33"),
        (DAYS, "quarter_figure", 12.25, "12.3"),
        (SPENT, "year_figure", 97.95, "98.0%"),
        (SPENT, "year_change", -2.05, "−2.1 points"),
        (SPENT, "quarter_number", 1234.5, "£1,234.50"),
        (SPENT, "quarter_out_of", 1260, "£1,260"),
    ],
)
def test_numbers_for_people(measure: Measure, statistic: str, value: float, text: str) -> None:
    assert format_value(measure, STATISTIC[statistic], value) == text


@pytest.mark.parametrize(
    ("measure_unit", "singular", "plural"),
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
def test_the_unit_of_one_is_singular(measure_unit: str, singular: str, plural: str) -> None:
    counted = CRIMES.model_copy(update={"unit": measure_unit})
    assert (unit_of(counted, "1"), unit_of(counted, "2"), unit_of(counted, "1.0")) == (singular, plural, plural)


def test_what_is_compared_has_its_own_sign() -> None:
    assert format_number(CRIMES, Quantity.COMPARED_VALUE, 1.785) == "1.79"
    assert format_number(SHARE, Quantity.COMPARED_VALUE, 50) == "50.0%"
    assert format_number(BY_ID["cameras_installed"], Quantity.COMPARED_VALUE, 1115) == "1,115"
    assert format_number(COST, Quantity.COMPARED_VALUE, 86.4) == "£86.40"


@pytest.mark.parametrize(
    ("quarter", "last_year", "comparable", "mark"),
    [
        ("reported", "not_received", True, "[x]"),
        ("incomplete", "reported", True, "[x]"),
        ("not_applicable", "not_received", True, "[x]"),
        ("confidential", "not_received", True, "[c]"),
        ("reported", "not_applicable", True, "[z]"),
        ("reported", "reported", False, "[b]"),
        ("confidential", "reported", False, "[c]"),
    ],
)
def test_a_missing_number_says_why(quarter: str, last_year: str, comparable: bool, mark: str) -> None:
    amounts = [Amount(Status(quarter), 1), Amount(Status(last_year), 1)]
    figure = CHANGE.figure(Basis(CRIMES, amounts, None), comparable=comparable)
    assert (figure.value, symbol(figure.status)) == (None, mark)
    assert mark in SYMBOLS


def test_what_cannot_be_worked_out_is_not_applicable() -> None:
    none, some = Amount(Status.REPORTED, 0), Amount(Status.REPORTED, 5)
    per_cent = STATISTIC["change_percent"].figure(Basis(CRIMES, [some, none], None), comparable=True)
    assert (per_cent.value, symbol(per_cent.status)) == (None, "[z]")


def test_the_good_direction_is_in_words() -> None:
    assert good_direction("down", under_reported=False) == "A fall is better."
    assert good_direction("up", under_reported=False) == "A rise is better."
    assert "under-reported" in good_direction("up", under_reported=True)
    assert good_direction("none", under_reported=True) == "Neither a rise nor a fall is better."
