"""Quarters and due dates. Bank holidays: the gov.uk list for England and Wales."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.calendar import Quarter, add_working_days, is_working_day, last_complete_quarter, quarters_between

quarters = st.builds(Quarter, st.integers(2000, 2090), st.integers(1, 4))


@pytest.mark.parametrize("written", ["2021-22Q4", "2021/22 Q4", "2021-22q4", " 2021/22Q4 "])
def test_a_quarter_is_read_from_key_and_from_label(written: str) -> None:
    quarter = Quarter.parse(written)
    assert (quarter.start, quarter.end) == (date(2022, 1, 1), date(2022, 3, 31))
    assert (quarter.key, quarter.label, quarter.financial_year) == ("2021-22Q4", "2021/22 Q4", "2021-22")
    assert quarter.months == ("2022-01", "2022-02", "2022-03")


@pytest.mark.parametrize("written", ["", "2021-23Q1", "2021-22Q5", "2021Q1", "Q1 2021-22", "1999-00Q0"])
def test_an_invalid_quarter_gets_a_message_that_says_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match="2021-22Q4"):
        Quarter.parse(written)


def test_the_turn_of_the_century_is_written_with_two_digits() -> None:
    assert Quarter(1999, 1).key == "1999-00Q1"
    assert Quarter.parse("1999-00Q1") == Quarter(1999, 1)


@given(quarters)
def test_key_and_label_read_back(quarter: Quarter) -> None:
    assert Quarter.parse(quarter.key) == quarter == Quarter.parse(quarter.label)


@given(quarters)
def test_quarters_follow_without_gap_or_overlap(quarter: Quarter) -> None:
    assert (quarter.next().start - quarter.end).days == 1
    assert Quarter.containing(quarter.start) == Quarter.containing(quarter.end) == quarter
    assert quarter.next().plus(-1) == quarter
    assert quarter.same_quarter_last_year().start.replace(year=quarter.start.year) == quarter.start


@given(quarters, st.integers(0, 30))
def test_quarters_between_counts_both_ends(first: Quarter, more: int) -> None:
    quarters = quarters_between(first, first.plus(more))
    assert len(quarters) == more + 1
    assert quarters[-1] == first.plus(more)
    assert quarters_between(first, first.plus(-1)) == []


@pytest.mark.parametrize(
    ("day", "working_days", "due"),
    [
        # Good Friday 2 April and Easter Monday 5 April 2021; early May bank holiday 3 May.
        (date(2021, 3, 31), 1, date(2021, 4, 1)),
        (date(2021, 3, 31), 2, date(2021, 4, 6)),
        (date(2021, 3, 31), 15, date(2021, 4, 23)),
        # Christmas Day and Boxing Day 2021 were a weekend: 27 and 28 December instead; New Year on 3 January 2022.
        (date(2021, 12, 24), 1, date(2021, 12, 29)),
        (date(2021, 12, 31), 1, date(2022, 1, 4)),
        # The Queen's funeral, 19 September 2022; the Platinum Jubilee, 2 and 3 June 2022.
        (date(2022, 9, 16), 1, date(2022, 9, 20)),
        (date(2022, 6, 1), 1, date(2022, 6, 6)),
        (date(2021, 4, 6), -1, date(2021, 4, 1)),
        (date(2021, 4, 3), 0, date(2021, 4, 3)),
    ],
)
def test_working_days_know_the_bank_holidays(day: date, working_days: int, due: date) -> None:
    assert add_working_days(day, working_days) == due


@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)), st.integers(1, 40))
def test_the_number_of_working_days_between_is_the_number_added(day: date, working_days: int) -> None:
    due = add_working_days(day, working_days)
    passed = [date.fromordinal(n) for n in range(day.toordinal() + 1, due.toordinal() + 1)]
    assert sum(is_working_day(d) for d in passed) == working_days
    assert is_working_day(due)


def test_the_last_complete_quarter_had_ended_the_day_before() -> None:
    assert last_complete_quarter(date(2022, 4, 1)) == Quarter.parse("2021-22Q4")
    assert last_complete_quarter(date(2022, 3, 31)) == Quarter.parse("2021-22Q3")
