"""What a release shows of made-up amounts; which are hidden follows by hand from the sums."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import Cell, Span
from sia.disclosure.reader_knowledge import Known, Release
from sia.disclosure.suppression import NotProtectable
from sia.registers.measures import Measure, measures
from sia.registers.policy import Policy, policy
from sia.scorecard.amounts import Amount, Status, year_to
from sia.scorecard.protection import Protected, by_month, once_hidden, protected
from tests.unit.disclosure.ranges import attack
from tests.unit.scorecard.synthetic import measure, rules

Q4 = Quarter(2021, 4)
SPAN, TODAY = Span.quarter(Q4), date(2022, 5, 1)
COUNTY, SOUTH_VALE = "E10000025", "CSP-SOUTH-VALE"
BY_ID = {each.id: each for each in measures()}
NUMBERS = dict(zip((district.code for district in geography.districts()), (40, 50, 3, 30, 20), strict=True))


def spread(
    measure_id: str, numbers: dict[str, float], out_of: dict[str, float] | None = None, span: Span = SPAN
) -> dict[Any, Amount]:
    """Amounts of the districts, and of the areas that they add up to."""
    held = {}
    for area in (*geography.districts(), *geography.csps(), geography.county()):
        members = [code for code in area.member_codes(Q4.start) if code in numbers]
        whole = sum(out_of[code] for code in members) if out_of else float("nan")
        held[measure_id, area.code, span] = Amount(Status.REPORTED, sum(numbers[code] for code in members), whole)
    return held


def released(
    held: dict[Any, Amount], *of: Measure, account: tuple[Release, ...] = (), rules: Policy | None = None
) -> Protected:
    return protected(held, of, rules or policy(), TODAY, "now", account)


def hidden(found: Protected, measure_id: str = "synthetic", span: Span = SPAN) -> set[str]:
    return {
        area
        for (each, area, when), amount in found.amounts.items()
        if (each, when) == (measure_id, span) and amount.status is Status.CONFIDENTIAL
    }


def test_a_small_count_takes_one_cover_in_its_partnership_and_the_totals_stand() -> None:
    found = released(spread("synthetic", NUMBERS), measure())
    # South Oxfordshire's 3 can hide only behind Vale's 30, the other part of their partnership.
    assert hidden(found) == {"E07000179", "E07000180"}
    assert (found.offered, found.suppressed, found.kept) == (10, 2, 0.8)
    assert found.amounts["synthetic", COUNTY, SPAN].number == 143
    assert found.release.hidden == {
        Cell("tvp_counts.synthetic", "E07000179", SPAN): 3,
        Cell("tvp_counts.synthetic", "E07000180", SPAN): 30,
    }


def test_nothing_of_a_hidden_amount_is_left() -> None:
    amount = released(spread("synthetic", NUMBERS), measure()).amounts["synthetic", "E07000179", SPAN]
    assert amount.number != amount.number
    assert amount.out_of != amount.out_of


def test_a_threshold_is_a_measures_own_from_its_day() -> None:
    stricter = policy().model_dump()
    stricter["disclosure_threshold"] = [
        *stricter["disclosure_threshold"],
        {"value": 25, "starts": "2022-05-01", "set_by": "Board", "why": "x", "measures": ["synthetic"]},
    ]
    rules = Policy.model_validate(stricter)
    assert "E07000181" in hidden(released(spread("synthetic", NUMBERS), measure(), rules=rules))
    earlier = protected(spread("synthetic", NUMBERS), [measure()], rules, date(2022, 4, 30), "then")
    assert "E07000181" not in hidden(earlier)


def test_money_and_means_are_hidden_with_their_counts_and_funding_is_not() -> None:
    secured, cost, spend, funding = (
        BY_ID[name]
        for name in ("properties_secured", "average_cost_works", "security_works_spend", "mediation_funding")
    )
    pounds = {code: 100.5 * number for code, number in NUMBERS.items()}
    held = (
        spread(secured.id, NUMBERS)
        | spread(cost.id, pounds, {code: float(number) for code, number in NUMBERS.items()})
        | spread(spend.id, pounds)
        | spread(funding.id, dict.fromkeys(NUMBERS, 2.0))
    )
    found = released(held, secured, cost, spend, funding)
    assert hidden(found, secured.id) == hidden(found, cost.id) == hidden(found, spend.id) == {"E07000179", "E07000180"}
    assert hidden(found, funding.id) == set()


def test_a_share_hides_a_small_rest_and_detections_are_no_part() -> None:
    share = measure(kind="proportion", denominator="all")
    whole = dict.fromkeys(NUMBERS, 60.0)
    # In West Oxfordshire 58 of 60: the 2 that are not can be subtracted.
    parts = dict.fromkeys(NUMBERS, 30.0) | {"E07000181": 58.0}
    found = released(spread("synthetic", parts, whole), share)
    assert {"E07000181", "CSP-WEST"} <= hidden(found)
    assert (
        hidden(released(spread("synthetic", parts, whole), measure(kind="proportion", denominator="all", within=False)))
        == set()
    )
    more = dict.fromkeys(NUMBERS, 70.0)
    assert (
        hidden(released(spread("synthetic", more, whole), measure(kind="proportion", denominator="all", within=False)))
        == set()
    )


def test_the_parts_of_a_count_cannot_be_subtracted() -> None:
    works = [
        BY_ID[name]
        for name in ("properties_secured", "properties_secured_burglary", "properties_secured_domestic_abuse")
    ]
    numbers = [dict.fromkeys(NUMBERS, 32.0), dict.fromkeys(NUMBERS, 2.0), dict.fromkeys(NUMBERS, 30.0)]
    held: dict[Any, Amount] = {}
    for each, amounts in zip(works, numbers, strict=True):
        held |= spread(each.id, amounts)
    found = released(held, *works)
    small = hidden(found, works[1].id)
    assert len(small) >= 5
    assert all(area in hidden(found, works[0].id) | hidden(found, works[2].id) for area in small)


def months(numbers: list[float], of: dict[str, float] = NUMBERS) -> dict[Any, Amount]:
    held: dict[Any, Amount] = {}
    for number, span in zip(numbers, (Span(SPAN.first + n, SPAN.first + n + 1) for n in range(3)), strict=False):
        held |= spread("synthetic", dict.fromkeys(of, number), span=span)
    return held


def test_months_are_shown_of_things_of_which_no_month_is_small() -> None:
    month = Span(SPAN.first, SPAN.first + 1)
    large = released(months([10, 11, 12]) | spread("synthetic", dict.fromkeys(NUMBERS, 33)), measure())
    assert hidden(large) == hidden(large, span=month) == set()
    small = released(months([10, 3, 12]) | spread("synthetic", dict.fromkeys(NUMBERS, 25)), measure())
    assert hidden(small) == set()
    assert len(hidden(small, span=month)) == 10
    assert not [cell for cell in small.release.published if cell.span == month]


def test_what_is_judged_by_month_does_not_depend_on_what_is_hidden() -> None:
    by_quarter = measure(id="other", numerator="other")
    held = months([10, 11, 12]) | {("other", *key[1:]): amount for key, amount in months([10, 3, 12]).items()}
    every = (measure(), by_quarter, measure(id="share", kind="proportion", denominator="other"))
    assert by_month(held, every, policy(), TODAY) == {"synthetic"}
    strict = rules(disclosure_threshold=[{"value": 11, "starts": "2013-04-01", "set_by": "Board", "why": "Because"}])
    assert by_month(held, every, strict, TODAY) == set()


def test_an_incomplete_quarter_is_shown_where_its_months_are() -> None:
    for number, shown in ((10, True), (2, False)):
        whole = {key: Amount(Status.INCOMPLETE, 2 * number) for key in spread("synthetic", NUMBERS)}
        found = released(months([number, number]) | whole, measure())
        assert (hidden(found) == set()) is shown
    assert len(hidden(released(whole, measure()))) == 10


def test_what_was_published_before_can_be_subtracted_and_a_restatement_cannot_tell() -> None:
    held = spread("synthetic", NUMBERS)
    first = released(held, measure())
    assert released(held, measure(), account=(first.release,)).release.published == first.release.published
    restated = held | {
        key: Amount(Status.REPORTED, amount.number + 1)
        for key, amount in held.items()
        if key[1] in ("E07000180", SOUTH_VALE, COUNTY)
    }
    second = released(restated, measure(), account=(first.release,))
    together = Known.together(
        {Cell("tvp_counts.synthetic", a, s): int(x.number) for (_, a, s), x in restated.items()},
        second.groups,
        [first.release],
    )
    public = {cell: together.counts[cell] for cell in together.public} | dict(second.release.published)
    ranges = attack(public, together.groups)
    assert all(each.width >= 5 for cell, each in ranges.items() if together.counts[cell] == 3)


def test_what_earlier_releases_give_away_stops_the_release_and_names_the_cell() -> None:
    held = spread("synthetic", NUMBERS)
    all_but_one = {
        Cell("tvp_counts.synthetic", area, span): int(x.number)
        for (_, area, span), x in held.items()
        if area != "E07000179"
    }
    told = Release("before", all_but_one, {Cell("tvp_counts.synthetic", "E07000179", SPAN): 3})
    with pytest.raises(NotProtectable, match="E07000179") as fault:
        released(held, measure(), account=(told,))
    assert " 3" not in str(fault.value)


def test_what_an_earlier_release_hid_is_known_by_measure_area_and_span() -> None:
    earlier = released(spread("synthetic", NUMBERS), measure()).release
    assert once_hidden([earlier], [measure()]) == {("synthetic", code, SPAN) for code in ("E07000179", "E07000180")}
    assert once_hidden([], [measure()]) == frozenset()


def test_a_year_that_lacks_months_of_a_hidden_quarter_is_hidden() -> None:
    held = {("synthetic", COUNTY, Span.quarter(Q4.plus(-back))): Amount(Status.REPORTED, 9) for back in range(3)}
    held["synthetic", COUNTY, Span.quarter(Q4.plus(-3))] = Amount(Status.CONFIDENTIAL)
    assert year_to(held, measure(), COUNTY, Q4).status is Status.CONFIDENTIAL
