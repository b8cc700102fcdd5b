"""Areas. Codes: ONS, names and codes of local authority districts and counties."""

from __future__ import annotations

from datetime import date

import pytest

from sia import geography
from sia.registers.measures import measures

ONS_CODES = {
    "Cherwell": "E07000177",
    "Oxford": "E07000178",
    "South Oxfordshire": "E07000179",
    "Vale of White Horse": "E07000180",
    "West Oxfordshire": "E07000181",
}


def test_the_five_districts_have_their_ons_codes() -> None:
    assert {area.name: area.code for area in geography.districts()} == ONS_CODES
    assert geography.county().code == "E10000025"


@pytest.mark.parametrize("day", [date(2011, 4, 1), date(2017, 4, 1), date(2022, 3, 31), date(2026, 11, 21)])
def test_four_partnerships_cover_the_five_districts_once(day: date) -> None:
    assert len(geography.csps()) == 4
    covered = [code for csp in geography.csps() for code in csp.member_codes(day)]
    assert sorted(covered) == sorted(ONS_CODES.values())
    assert sorted(geography.county().member_codes(day)) == sorted(ONS_CODES.values())


def test_south_and_vale_is_the_sum_of_its_two_districts() -> None:
    assert geography.areas()["CSP-SOUTH-VALE"].member_codes(date(2022, 3, 31)) == ("E07000179", "E07000180")


def test_priorities_of_measures_are_partnerships() -> None:
    codes = {area.code for area in geography.csps()}
    assert {code for measure in measures() for code in measure.priority_of} == codes
