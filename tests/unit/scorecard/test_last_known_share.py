"""The last known share of the county's total: its quarter, when it is hidden, and when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.scorecard.amounts import Amount, Status
from sia.scorecard.last_known_share import LastKnownShare, last_known_share
from sia.scorecard.protection import protect_amounts
from tests.unit.scorecard.synthetic import AREAS, COUNTY, DISTRICT, QUARTER, measure, of_quarters, registers

AREA = AREAS[DISTRICT]
WHOLE = AREAS.county


def test_it_comes_from_the_newest_quarter_that_both_have() -> None:
    # By hand: 12 of 48 in the quarter before; 10 of 100 a year earlier does not matter.
    amounts = of_quarters([10, 12]) | of_quarters([100, 48], COUNTY)
    assert last_known_share(measure(), AREA, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(QUARTER, 25.0)
    assert last_known_share(measure(), WHOLE, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(QUARTER, 100.0)


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
    amounts: dict[Any, Amount] = {("synthetic", area, Span.quarter(QUARTER)): amount for area, amount in gap.items()}
    amounts |= of_quarters([10], last=before) | of_quarters([40], COUNTY, before)
    assert last_known_share(measure(), AREA, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(before, 25.0)


def test_a_count_of_zero_is_a_share_of_zero() -> None:
    amounts = of_quarters([0]) | of_quarters([7], COUNTY)
    assert last_known_share(measure(), AREA, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(QUARTER, 0.0)


@pytest.mark.parametrize(("part", "whole"), [(None, 48.0), (12.0, None), (None, None)])
def test_it_is_hidden_where_what_it_rests_on_is_though_an_older_one_is_shown(
    part: float | None, whole: float | None
) -> None:
    amounts = of_quarters([10, part]) | of_quarters([40, whole], COUNTY)
    share = last_known_share(measure(), AREA, WHOLE, QUARTER.plus(1), amounts)
    assert share is not None
    assert share.per_cent is None
    assert share.quarter == QUARTER


def test_it_hides_what_a_release_hides() -> None:
    """Disclosure control first: 3 of 50 is small, so no text says that the area had 6 per cent."""
    others = [area.code for area in AREAS.districts if area.code != DISTRICT]
    amounts = of_quarters([3]) | of_quarters([50], COUNTY)
    for code, number in zip(others, (11.0, 12.0, 12.0, 12.0), strict=True):
        amounts |= of_quarters([number], code)
    made_up = measure()
    clear = last_known_share(made_up, AREA, WHOLE, QUARTER.plus(1), amounts)
    assert clear == LastKnownShare(QUARTER, pytest.approx(6.0))
    shown = protect_amounts(amounts, registers(made_up), QUARTER.end, "a release", seed=b"").amounts
    share = last_known_share(made_up, AREA, WHOLE, QUARTER.plus(1), shown)
    assert share is not None
    assert share.per_cent is None
    # Another's is hidden too: of the one that is left, the county's total would give the small one away.
    hidden = [last_known_share(made_up, AREAS[code], WHOLE, QUARTER.plus(1), shown) for code in others]
    assert any(other is not None and other.per_cent is None for other in hidden)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "proportion", "denominator": "all"},
        {"kind": "mean", "denominator": "all"},
        {"aggregates_up": False},
    ],
)
def test_what_does_not_add_up_over_areas_has_none(changes: dict[str, Any]) -> None:
    amounts = of_quarters([12]) | of_quarters([48], COUNTY)
    assert last_known_share(measure(**changes), AREA, WHOLE, QUARTER.plus(1), amounts) is None


def test_money_adds_up() -> None:
    amounts = of_quarters([12.5]) | of_quarters([50], COUNTY)
    assert last_known_share(measure(kind="money", unit="GBP"), AREA, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(
        QUARTER, 25.0
    )


def test_five_years_back_and_no_further() -> None:
    amounts = of_quarters([12]) | of_quarters([48], COUNTY)
    assert last_known_share(measure(), AREA, WHOLE, QUARTER.plus(19), amounts) == LastKnownShare(QUARTER, 25.0)
    assert last_known_share(measure(), AREA, WHOLE, QUARTER.plus(20), amounts) is None


def test_what_was_not_defined_then_was_not_known_then() -> None:
    amounts = of_quarters([10, 12]) | of_quarters([40, 48], COUNTY)
    ended = measure(until=QUARTER.start)
    assert last_known_share(ended, AREA, WHOLE, QUARTER.plus(1), amounts) == LastKnownShare(QUARTER.plus(-1), 25.0)


def test_without_data_there_is_not_a_share() -> None:
    assert last_known_share(measure(), AREA, WHOLE, Quarter(2021, 4), {}) is None
