"""The last known share of the county's total: of which quarter it is, when it is hidden, and of what there is none."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.last_known_share import Share, last_known_share
from sia.scorecard.protection import protected
from tests.unit.scorecard.synthetic import COUNTY, DISTRICT, QUARTER, measure, of_quarters, rules

AREA = geography.areas()[DISTRICT]
WHOLE = geography.county()


def test_it_is_of_the_newest_quarter_that_both_hold() -> None:
    # By hand: 12 of 48 in the quarter before; 10 of 100 a year earlier does not matter.
    held = of_quarters([10, 12]) | of_quarters([100, 48], COUNTY)
    assert last_known_share(measure(), AREA, QUARTER.plus(1), held) == Share(QUARTER, 25.0)
    assert last_known_share(measure(), WHOLE, QUARTER.plus(1), held) == Share(QUARTER, 100.0)


@pytest.mark.parametrize(
    "gap",
    [
        {DISTRICT: Amount(Status.INCOMPLETE, 3), COUNTY: Amount(Status.INCOMPLETE, 9)},
        {DISTRICT: Amount(Status.REPORTED, 3)},
        {COUNTY: Amount(Status.REPORTED, 9)},
        {DISTRICT: Amount(Status.REPORTED, 0), COUNTY: Amount(Status.REPORTED, 0)},
    ],
    ids=["a month is missing", "no county", "no area", "a share of nothing"],
)
def test_a_quarter_without_a_share_is_passed_over(gap: dict[str, Amount]) -> None:
    before = QUARTER.plus(-1)
    held: dict[Any, Amount] = {("synthetic", area, Span.quarter(QUARTER)): amount for area, amount in gap.items()}
    held |= of_quarters([10], last=before) | of_quarters([40], COUNTY, before)
    assert last_known_share(measure(), AREA, QUARTER.plus(1), held) == Share(before, 25.0)


def test_a_count_of_nought_is_a_share_of_nought() -> None:
    held = of_quarters([0]) | of_quarters([7], COUNTY)
    assert last_known_share(measure(), AREA, QUARTER.plus(1), held) == Share(QUARTER, 0.0)


@pytest.mark.parametrize(("part", "whole"), [(None, 48.0), (12.0, None), (None, None)])
def test_it_is_hidden_where_what_it_rests_on_is_though_an_older_one_is_shown(
    part: float | None, whole: float | None
) -> None:
    held = of_quarters([10, part]) | of_quarters([40, whole], COUNTY)
    share = last_known_share(measure(), AREA, QUARTER.plus(1), held)
    assert share is not None
    assert share.hidden
    assert isnan(share.per_cent)
    assert share.quarter == QUARTER


def test_it_hides_what_a_release_hides() -> None:
    """Disclosure control first: 3 of 50 is small, so nobody is told that the area was 6 per cent."""
    others = [area.code for area in geography.districts() if area.code != DISTRICT]
    held = of_quarters([3]) | of_quarters([50], COUNTY)
    for code, number in zip(others, (11.0, 12.0, 12.0, 12.0), strict=True):
        held |= of_quarters([number], code)
    one = measure()
    clear = last_known_share(one, AREA, QUARTER.plus(1), held)
    assert clear == Share(QUARTER, pytest.approx(6.0))
    shown = protected(held, [one], rules(), QUARTER.end, "a release").amounts
    share = last_known_share(one, AREA, QUARTER.plus(1), shown)
    assert share is not None
    assert share.hidden
    # Another's is hidden too: of the one that is left, the county's total would give the small one away.
    hidden = [last_known_share(one, geography.areas()[code], QUARTER.plus(1), shown) for code in others]
    assert any(each is not None and each.hidden for each in hidden)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "proportion", "denominator": "all"},
        {"kind": "mean", "denominator": "all"},
        {"aggregates_up": False},
    ],
)
def test_what_does_not_add_up_over_areas_has_none(changes: dict[str, Any]) -> None:
    held = of_quarters([12]) | of_quarters([48], COUNTY)
    assert last_known_share(measure(**changes), AREA, QUARTER.plus(1), held) is None


def test_money_adds_up() -> None:
    held = of_quarters([12.5]) | of_quarters([50], COUNTY)
    assert last_known_share(measure(kind="money", unit="GBP"), AREA, QUARTER.plus(1), held) == Share(QUARTER, 25.0)


def test_five_years_back_and_no_further() -> None:
    held = of_quarters([12]) | of_quarters([48], COUNTY)
    assert last_known_share(measure(), AREA, QUARTER.plus(19), held) == Share(QUARTER, 25.0)
    assert last_known_share(measure(), AREA, QUARTER.plus(20), held) is None


def test_what_was_not_defined_then_was_not_known_then() -> None:
    held = of_quarters([10, 12]) | of_quarters([40, 48], COUNTY)
    ended = measure(until=QUARTER.start)
    assert last_known_share(ended, AREA, QUARTER.plus(1), held) == Share(QUARTER.plus(-1), 25.0)


def test_nothing_held_is_no_share() -> None:
    assert last_known_share(measure(), AREA, Quarter(2021, 4), {}) is None
