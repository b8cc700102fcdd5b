from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from sia.intake.readers.cells import clean, column_letter, is_plain_number, number_text, plain_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        ("12.0", "12"),
        (86.5, "86.5"),
        (0.1 + 0.2, "0.3"),
        (33.299999999999997, "33.3"),
        ("33.299999999999997", "33.3"),
        (1e21, "1000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (-0.0, "0"),
        (100.0, "100"),
        (2016.0100, "2016.01"),
    ],
)
def test_a_number_is_written_as_it_was_typed(value: float | str, text: str) -> None:
    assert number_text(value) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_pounds_and_pence_come_back_exactly(amount: Decimal) -> None:
    assert Decimal(number_text(float(amount))) == amount


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_whole_numbers_come_back_exactly(number: int) -> None:
    assert number_text(number) == str(number)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  South\u00a0 Oxfordshire \n", "South Oxfordshire"),
        ("\ufeffMonth", "Month"),
        ("Not\u200b disclosed", "Not disclosed"),
        ("the victim\u2019s \u201cown\u201d", "the victim\u2019s \u201cown\u201d"),
        ("\u00a0", ""),
        *(
            (f"Oxford{nothing}", "Oxford")
            for nothing in "\u180e\u200e\u200f\u2800\u115f\u034f\u061c\u3164\ufe0f\x00\x1a"
        ),
        *((nothing, "") for nothing in "\u180e\u200e\u200f\u2800\u115f\u034f\u061c"),
    ],
)
def test_white_space_is_removed_and_quotation_marks_stay(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@given(st.integers(min_value=1, max_value=18_278))
def test_letters_are_those_of_openpyxl(column: int) -> None:
    assert column_letter(column) == get_column_letter(column)


def test_only_numbers_that_the_database_would_read_count_as_numbers() -> None:
    assert [is_plain_number(t) for t in ("12", "-3.50", "1,234", "£5", "1e3", "", "12 ")] == [True, True] + [False] * 5


@pytest.mark.parametrize(("typed", "digits"), [("12", "12"), ("１２", "12"), ("٣", "3"), ("1²", "1²"), ("x٣", "x3")])
def test_digits_of_any_script_are_digits(typed: str, digits: str) -> None:
    assert plain_digits(typed) == digits


def test_only_digits_from_0_to_9_are_a_plain_number() -> None:
    assert not is_plain_number("٣")
