"""What a release shows of made-up amounts; which are hidden follows by hand from the sums."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from random import Random
from typing import Any

import pytest

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import DisclosureCell, Span
from sia.disclosure.reader_knowledge import DisclosedCounts, ReaderKnowledge
from sia.register_file import RegisterError
from sia.registers.measures import Measure, measures
from sia.registers.policy import Policy, policy
from sia.release import scorecard_inputs
from sia.scorecard.amounts import Amount, Status, period_amount
from sia.scorecard.periods import YEAR
from sia.scorecard.protection import (
    ProtectedAmounts,
    hides_nothing,
    measures_by_month,
    once_hidden,
    protect_amounts,
    sums_among,
    with_own_amounts,
    with_what_can_be_subtracted,
)
from sia.scorecard.published_elsewhere import FigureElsewhere
from tests.unit.disclosure.ranges import attack
from tests.unit.scorecard.synthetic import AREAS, measure, registers, rules

Q4 = Quarter(2021, 4)
SPAN, TODAY = Span.quarter(Q4), date(2022, 5, 1)
COUNTY, SOUTH_VALE = "E10000025", "CSP-SOUTH-VALE"
BY_ID = {entry.id: entry for entry in measures()}
QUARTERS = rules(partnerships_by_year=policy().model_dump()["partnerships_by_year"][:1])
"""The policy, with quarters of every measure."""
NUMBERS = dict(zip((district.code for district in AREAS.districts), (40, 50, 3, 30, 20), strict=True))


def spread(
    measure_id: str, numbers: dict[str, float], out_of: dict[str, float] | None = None, span: Span = SPAN
) -> dict[Any, Amount]:
    """Amounts of the districts, and of the areas that they add up to."""
    amounts = {}
    for area in (*AREAS.districts, *AREAS.csps, AREAS.county):
        members = [code for code in area.member_codes(Q4.start) if code in numbers]
        whole = sum(out_of[code] for code in members) if out_of else float("nan")
        amounts[measure_id, area.code, span] = Amount(Status.REPORTED, sum(numbers[code] for code in members), whole)
    return amounts


def released(
    amounts: dict[Any, Amount],
    *measures: Measure,
    earlier: tuple[DisclosedCounts, ...] = (),
    rules: Policy | None = None,
    seed: bytes = b"",
    elsewhere: Collection[FigureElsewhere] = (),
) -> ProtectedAmounts:
    made_up = registers(*measures, policy=rules or QUARTERS)
    return protect_amounts(amounts, made_up, TODAY, "now", earlier, seed=seed, elsewhere=elsewhere)


def hidden(shown: ProtectedAmounts, measure_id: str = "synthetic", span: Span = SPAN) -> set[str]:
    return {
        area
        for (measured, area, when), amount in shown.amounts.items()
        if (measured, when) == (measure_id, span) and amount.status is Status.CONFIDENTIAL
    }


def withheld_in(amounts: dict[Any, Amount], *areas: str) -> dict[Any, Amount]:
    """The amounts, with those of some areas withheld by the sender."""
    return {key: Amount(Status.WITHHELD) if key[1] in areas else amount for key, amount in amounts.items()}


def test_a_withheld_amount_is_shown_as_withheld_and_covers_nothing() -> None:
    amounts = withheld_in(spread("synthetic", NUMBERS), "E07000180", SOUTH_VALE, COUNTY)
    shown = released(amounts, measure())
    for area in ("E07000180", SOUTH_VALE, COUNTY):
        assert shown.amounts["synthetic", area, SPAN].status is Status.WITHHELD
    # South Oxfordshire's 3 is hidden. Nobody knows a sum that has it, so nothing else is.
    assert hidden(shown) == {"E07000179"}
    assert shown.offered == 7


def test_a_small_count_that_is_withheld_cannot_be_subtracted() -> None:
    as_such = measure(aggregates_up=False)
    amounts = withheld_in(spread("synthetic", NUMBERS), "E07000179", SOUTH_VALE)
    shown = released(amounts, as_such)
    # The county's 143 less the four other districts would be 3: one of them, or the county, is hidden.
    given = {area for measured, area, _ in amounts if measured == "synthetic"} - {"E07000179", SOUTH_VALE}
    assert hidden(shown) & {COUNTY, *(area.code for area in AREAS.districts)}
    assert hidden(shown) < given
    known = withheld_in(spread("synthetic", NUMBERS | {"E07000179": 33}), "E07000179", SOUTH_VALE)
    assert hidden(released(known, as_such)) == set()


def test_a_small_count_takes_one_cover_in_its_partnership_and_the_totals_stay() -> None:
    shown = released(spread("synthetic", NUMBERS), measure())
    # South Oxfordshire's 3 can hide only behind Vale's 30, the other part of their partnership.
    assert hidden(shown) == {"E07000179", "E07000180"}
    assert (shown.offered, shown.suppressed, shown.share_published) == (10, 2, 0.8)
    assert shown.amounts["synthetic", COUNTY, SPAN].number == 143
    assert shown.disclosed.hidden == {
        DisclosureCell("tvp_counts.synthetic", "E07000179", SPAN): 3,
        DisclosureCell("tvp_counts.synthetic", "E07000180", SPAN): 30,
    }


def test_districts_are_hidden_before_partnerships_and_those_before_the_county() -> None:
    # Cherwell's 3 is a partnership and a district at once. Another partnership hides with it, not the county.
    one_small = dict(zip(NUMBERS, (3, 40, 50, 30, 20), strict=True))
    shown = released(spread("synthetic", one_small), measure())
    assert COUNTY not in hidden(shown)
    # South Oxfordshire's 3 could hide behind Vale or behind their partnership and another one.
    assert hidden(released(spread("synthetic", NUMBERS), measure())) == {"E07000179", "E07000180"}


def test_nobody_without_the_seed_knows_which_of_almost_equal_covers_is_chosen() -> None:
    """Cherwell's 3 hides behind one of three partnerships with about as many, and the same seed chooses the same."""
    one_small = dict(zip(NUMBERS, (3, 22, 14, 6, 21), strict=True))
    covers = [hidden(released(spread("synthetic", one_small), measure(), seed=bytes([n]))) for n in range(30)]
    assert covers == [hidden(released(spread("synthetic", one_small), measure(), seed=bytes([n]))) for n in range(30)]
    partnerships = {"CSP-OXFORD", SOUTH_VALE, "CSP-WEST"}
    chosen = [cover & partnerships for cover in covers]
    assert all(len(partnership) == 1 for partnership in chosen)
    assert min(map(chosen.count, ({"CSP-OXFORD"}, {"CSP-WEST"}))) >= 3


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
    before = protect_amounts(
        spread("synthetic", NUMBERS), registers(measure(), policy=rules), date(2022, 4, 30), "then", seed=b""
    )
    assert "E07000181" not in hidden(before)


def test_records_that_are_published_and_what_is_not_about_people_need_no_threshold() -> None:
    weapons = BY_ID["street_possession_of_weapons"]
    assert hidden(released(spread(weapons.id, NUMBERS), weapons), weapons.id) == set()
    street = [measure for measure in BY_ID.values() if measure.return_name == "tvp_crime"]
    of_things = {"asb_neighbourhood_meetings", "protection_orders_reviewed", "project_awards", "project_activities"}
    of_things |= {measure_id for measure_id in BY_ID if measure_id.startswith("nightsafe_")}
    others = [m for m in BY_ID.values() if m.return_name != "tvp_crime" and m.id not in of_things]
    assert {policy().threshold(measure.id, TODAY) for measure in street} == {1}
    assert {policy().threshold(measure_id, TODAY) for measure_id in of_things} == {1}
    assert {policy().threshold(m.id, TODAY) for m in others if m.return_name != "residents_survey"} == {5}
    assert {policy().threshold(m.id, TODAY) for m in others if m.return_name == "residents_survey"} == {1}


def test_money_and_means_are_hidden_with_their_counts_and_funding_is_not() -> None:
    secured, cost, spend, funding = (
        BY_ID[name]
        for name in ("properties_secured", "average_cost_works", "security_works_spend", "mediation_funding")
    )
    pounds = {code: 100.5 * number for code, number in NUMBERS.items()}
    amounts = (
        spread(secured.id, NUMBERS)
        | spread(cost.id, pounds, {code: float(number) for code, number in NUMBERS.items()})
        | spread(spend.id, pounds)
        | spread(funding.id, dict.fromkeys(NUMBERS, 2.0))
    )
    shown = released(amounts, secured, cost, spend, funding)
    assert hidden(shown, secured.id) == hidden(shown, cost.id) == hidden(shown, spend.id) == {"E07000179", "E07000180"}
    assert hidden(shown, funding.id) == set()


def test_a_share_of_money_counts_nobody() -> None:
    spent = BY_ID["award_spent_share"]
    shown = released(spread(spent.id, dict.fromkeys(NUMBERS, 2.0), dict.fromkeys(NUMBERS, 4.0)), spent)
    assert hidden(shown, spent.id) == set()


def test_a_share_hides_a_small_rest_and_detections_are_no_part() -> None:
    share = measure(kind="proportion", denominator="all")
    whole = dict.fromkeys(NUMBERS, 60.0)
    # In West Oxfordshire 58 of 60: the 2 that are not can be subtracted.
    parts = dict.fromkeys(NUMBERS, 30.0) | {"E07000181": 58.0}
    shown = released(spread("synthetic", parts, whole), share)
    assert {"E07000181", "CSP-WEST"} <= hidden(shown)
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
    amounts: dict[Any, Amount] = {}
    for work, of_districts in zip(works, numbers, strict=True):
        amounts |= spread(work.id, of_districts)
    shown = released(amounts, *works)
    small = hidden(shown, works[1].id)
    assert len(small) >= 5
    assert all(area in hidden(shown, works[0].id) | hidden(shown, works[2].id) for area in small)


def test_a_client_of_one_service_is_a_client_of_any() -> None:
    # Of 5 clients in Cherwell 1 to 5 could be the advisors': one value too few. So the 5 are hidden as well.
    anyone, advised = BY_ID["clients_supported"], BY_ID["idva_clients"]
    clients = dict.fromkeys(NUMBERS, 30) | {"E07000177": 5}
    of_advisors = dict.fromkeys(NUMBERS, 20) | {"E07000177": 3}
    amounts = spread(anyone.id, clients) | spread(advised.id, of_advisors)
    shown = released(amounts, anyone, advised)
    assert "E07000177" in hidden(shown, advised.id) & hidden(shown, anyone.id)
    assert hidden(released(spread(anyone.id, clients), anyone), anyone.id) == set()
    # 30 less 28 counts nobody in particular, so that it is not hidden.
    near = dict.fromkeys(NUMBERS, 28)
    assert (
        hidden(released(spread(anyone.id, clients | {"E07000177": 30}) | spread(advised.id, near), anyone, advised))
        == set()
    )


def test_figures_that_exceed_their_limit_know_none() -> None:
    anyone, advised = BY_ID["clients_supported"], BY_ID["idva_clients"]
    few = spread(anyone.id, dict.fromkeys(NUMBERS, 5))
    more = spread(advised.id, dict.fromkeys(NUMBERS, 9))
    shown = released(few | more, anyone, advised)
    assert hidden(shown, anyone.id) == hidden(shown, advised.id) == set()


def months(numbers: list[float], of: dict[str, float] = NUMBERS) -> dict[Any, Amount]:
    amounts: dict[Any, Amount] = {}
    for number, span in zip(numbers, (Span(SPAN.first + n, SPAN.first + n + 1) for n in range(3)), strict=False):
        amounts |= spread("synthetic", dict.fromkeys(of, number), span=span)
    return amounts


def test_months_are_shown_of_things_of_which_no_month_is_small() -> None:
    month = Span(SPAN.first, SPAN.first + 1)
    large = released(months([10, 11, 12]) | spread("synthetic", dict.fromkeys(NUMBERS, 33)), measure())
    assert hidden(large) == hidden(large, span=month) == set()
    small = released(months([10, 3, 12]) | spread("synthetic", dict.fromkeys(NUMBERS, 25)), measure())
    assert hidden(small) == set()
    assert len(hidden(small, span=month)) == 10
    assert not [cell for cell in small.disclosed.published if cell.span == month]


def test_what_is_judged_by_month_does_not_depend_on_what_is_hidden() -> None:
    by_quarter = measure(id="other", numerator="other")
    amounts = months([10, 11, 12]) | {("other", *key[1:]): amount for key, amount in months([10, 3, 12]).items()}
    every = (measure(), by_quarter, measure(id="share", kind="proportion", denominator="other"))
    assert measures_by_month(amounts, registers(*every, policy=policy()), TODAY) == {"synthetic"}
    strict = rules(disclosure_threshold=[{"value": 11, "starts": "2013-04-01", "set_by": "Board", "why": "Because"}])
    assert measures_by_month(amounts, registers(*every, policy=strict), TODAY) == set()


def test_an_incomplete_quarter_is_shown_where_its_months_are() -> None:
    for number, all_shown in ((10, True), (2, False)):
        whole = {key: Amount(Status.INCOMPLETE, 2 * number) for key in spread("synthetic", NUMBERS)}
        protected = released(months([number, number]) | whole, measure())
        assert (hidden(protected) == set()) is all_shown
    assert len(hidden(released(whole, measure()))) == 10


def test_what_was_published_before_can_be_subtracted_and_a_restatement_cannot_tell() -> None:
    amounts = spread("synthetic", NUMBERS)
    first = released(amounts, measure())
    assert released(amounts, measure(), earlier=(first.disclosed,)).disclosed.published == first.disclosed.published
    restated = amounts | {
        key: Amount(Status.REPORTED, amount.number + 1)
        for key, amount in amounts.items()
        if key[1] in ("E07000180", SOUTH_VALE, COUNTY)
    }
    second = released(restated, measure(), earlier=(first.disclosed,))
    together = ReaderKnowledge.together(
        {DisclosureCell("tvp_counts.synthetic", a, s): int(x.number) for (_, a, s), x in restated.items()},
        second.sums,
        [with_what_can_be_subtracted(first.disclosed, (measure(),), AREAS)],
    )
    public = {cell: together.counts[cell] for cell in together.public} | dict(second.disclosed.published)
    ranges = attack(public, together.groups, not_zero=together.not_zero)
    assert all(span.width >= 5 for cell, span in ranges.items() if together.counts[cell] == 3)


def test_a_measure_that_earlier_releases_give_away_is_left_out_with_its_reason() -> None:
    other = measure(id="other", numerator="other")
    amounts = spread("synthetic", NUMBERS) | spread("other", NUMBERS)
    all_but_one = {
        DisclosureCell("tvp_counts.synthetic", area, span): int(x.number)
        for (name, area, span), x in amounts.items()
        if name == "synthetic" and area != "E07000179"
    }
    before = DisclosedCounts("before", all_but_one, {DisclosureCell("tvp_counts.synthetic", "E07000179", SPAN): 3})
    shown = released(amounts, measure(), other, earlier=(before,))
    assert len(hidden(shown)) == 10
    assert hidden(shown, "other") == {"E07000179", "E07000180"}
    assert "E07000179" in shown.left_out["synthetic"]
    assert " 3" not in shown.left_out["synthetic"]
    assert set(shown.left_out) == {"synthetic"}


def test_what_an_earlier_release_hid_is_known_by_measure_area_and_span() -> None:
    earlier = released(spread("synthetic", NUMBERS), measure()).disclosed
    assert once_hidden([earlier], [measure()]) == {("synthetic", code, SPAN) for code in ("E07000179", "E07000180")}
    assert once_hidden([], [measure()]) == frozenset()


def test_a_year_that_lacks_months_of_a_hidden_quarter_is_hidden() -> None:
    amounts = {("synthetic", COUNTY, Span.quarter(Q4.plus(-back))): Amount(Status.REPORTED, 9) for back in range(3)}
    amounts["synthetic", COUNTY, Span.quarter(Q4.plus(-3))] = Amount(Status.CONFIDENTIAL)
    assert period_amount(amounts, measure(), COUNTY, YEAR, Q4).status is Status.CONFIDENTIAL


def by_year() -> Policy:
    setting = {"value": True, "starts": "2013-04-01", "set_by": "Board", "why": "Because", "measures": ["synthetic"]}
    return rules(partnerships_by_year=[*QUARTERS.model_dump()["partnerships_by_year"], setting])


def year_of_quarters() -> dict[Any, Amount]:
    """Four quarters and their year: 3 in each quarter of South Oxfordshire, 12 in its year."""
    quarters = [Span.quarter(quarter) for quarter in quarters_between(Q4.plus(-3), Q4)]
    amounts = spread("synthetic", {code: 4.0 * number for code, number in NUMBERS.items()}, span=Span.year_to(Q4))
    for span in quarters:
        amounts |= spread("synthetic", NUMBERS, span=span)
    return amounts


def test_a_measure_that_is_left_to_years_shows_them_and_the_countys_quarters() -> None:
    shown = released(year_of_quarters(), measure(), rules=by_year())
    statuses = {
        (AREAS[area].type.value, span.after - span.first): amount.status
        for (_, area, span), amount in shown.amounts.items()
    }
    assert statuses == {
        ("county", 3): Status.REPORTED,
        ("csp", 3): Status.BY_YEAR,
        ("district", 3): Status.BY_YEAR,
        ("county", 12): Status.REPORTED,
        ("csp", 12): Status.REPORTED,
        ("district", 12): Status.REPORTED,
    }
    # The county's five counts, and the years of nine areas.
    assert (shown.offered, shown.suppressed) == (14, 0)
    assert len(shown.disclosed.unprinted) == 36
    assert once_hidden([shown.disclosed], [measure()]) == {
        key for key, amount in shown.amounts.items() if amount.status is Status.BY_YEAR
    }
    # Up for publication, the 3 and its cover would be hidden in each quarter.
    assert hidden(released(year_of_quarters(), measure())) == {"E07000179", "E07000180"}


def test_a_count_left_to_years_that_another_measure_shows_by_quarter_is_up_for_publication() -> None:
    other = measure(id="other")
    amounts = year_of_quarters() | {("other", *key[1:]): amount for key, amount in year_of_quarters().items()}
    shown = released(amounts, measure(), other, rules=by_year())
    assert shown.disclosed.unprinted == {}
    assert shown.amounts["other", "E07000177", SPAN].status is Status.REPORTED
    assert shown.amounts["synthetic", "E07000177", SPAN].status is Status.BY_YEAR


def test_a_partnerships_own_quarters_are_shown_to_it_even_if_others_have_its_years() -> None:
    amounts = year_of_quarters()
    made_up = registers(measure(), policy=by_year())
    public = protect_amounts(amounts, made_up, TODAY, "now", seed=b"").disclosed
    own = {SOUTH_VALE, "E07000179", "E07000180"}
    theirs, seen = with_own_amounts(amounts, made_up, TODAY, public, [], own, seed=b"")
    assert theirs["synthetic", "E07000179", SPAN].number == 3
    assert theirs["synthetic", "E07000177", SPAN].status is Status.BY_YEAR
    assert DisclosureCell("tvp_counts.synthetic", "E07000179", SPAN) in seen


def test_a_year_that_lacks_months_of_a_quarter_left_to_years_is_incomplete() -> None:
    amounts = {("synthetic", SOUTH_VALE, Span.quarter(Q4.plus(-back))): Amount(Status.BY_YEAR) for back in range(4)}
    assert period_amount(amounts, measure(), SOUTH_VALE, YEAR, Q4).status is Status.INCOMPLETE


def of_areas(measure_id: str, numbers: dict[str, int], out_of: int | None = None) -> dict[Any, Amount]:
    """Amounts of areas as a partner gives them."""
    whole = float("nan") if out_of is None else float(out_of)
    return {(measure_id, area, SPAN): Amount(Status.REPORTED, number, whole) for area, number in numbers.items()}


def test_figures_given_as_such_hide_what_the_others_leave_of_the_county() -> None:
    # As they were once published: 31 less 11, 10 and 8 leaves 2; South and Vale's 8 less 5 leaves 3.
    entrants = {COUNTY: 31, "CSP-CHERWELL": 11, "CSP-OXFORD": 10, SOUTH_VALE: 8, "CSP-WEST": 2}
    entrants |= {"E07000179": 5, "E07000180": 3}
    gone = hidden(
        released(of_areas("first_time_entrants", entrants), BY_ID["first_time_entrants"]), "first_time_entrants"
    )
    assert gone >= {"CSP-WEST", "E07000180"}
    assert gone & {COUNTY, "CSP-CHERWELL", "CSP-OXFORD", SOUTH_VALE}
    assert gone & {SOUTH_VALE, "E07000179"}


def test_figures_given_as_such_that_do_not_add_up_are_no_sums() -> None:
    # People are counted in each partnership that they live in: 11 + 10 + 8 + 2 is more than 25.
    entrants = {COUNTY: 25, "CSP-CHERWELL": 11, "CSP-OXFORD": 10, SOUTH_VALE: 8, "CSP-WEST": 2}
    shown = released(of_areas("first_time_entrants", entrants), BY_ID["first_time_entrants"])
    assert hidden(shown, "first_time_entrants") == {"CSP-WEST"}


def test_a_partnership_of_one_district_must_be_that_district() -> None:
    wrong = of_areas("first_time_entrants", {"CSP-WEST": 4711, "E07000181": 7})
    with pytest.raises(ValueError, match="first_time_entrants, CSP-WEST") as error:
        released(wrong, BY_ID["first_time_entrants"])
    assert "4711" not in str(error.value)


def test_five_districts_with_one_each_do_not_add_up_to_a_county_of_five() -> None:
    shown = released(spread("synthetic", dict.fromkeys(NUMBERS, 1)), measure())
    assert COUNTY in hidden(shown)


def test_what_shares_given_as_such_leave_of_the_county_need_not_be_a_share() -> None:
    # The county's 12 of 20 less partnerships' 4 of 9 and 5 of 10 are 3 of 1. That is not a place.
    share = BY_ID["youth_reoffending"]
    amounts = of_areas(share.id, {COUNTY: 12}, 20) | of_areas(share.id, {"CSP-CHERWELL": 4}, 9)
    shown = released(amounts | of_areas(share.id, {"CSP-OXFORD": 5}, 10), share)
    assert "CSP-CHERWELL" in hidden(shown, share.id)


def test_everybody_and_nobody_are_hidden_by_measure() -> None:
    share, other = BY_ID["youth_reoffending"], BY_ID["offenders_employment"]
    for number, out_of in ((0, 7), (7, 7)):
        amounts = of_areas(share.id, {COUNTY: number}, out_of)
        assert hidden(released(amounts, share), share.id) == {COUNTY}
        off = rules(hide_everybody_or_nobody=[setting(False)])
        assert hidden(released(amounts, share, rules=off), share.id) == set()
        only_other = rules(hide_everybody_or_nobody=[setting(False), setting(True, measures=[other.id])], good="none")
        assert hidden(released(amounts, share, rules=only_other), share.id) == set()
    assert hidden(released(of_areas(share.id, {COUNTY: 5}, 10), share), share.id) == set()


def test_a_setting_for_shares_that_names_a_count_is_refused_and_leaves_counts_alone() -> None:
    named = rules(hide_everybody_or_nobody=[setting(False), setting(True, measures=["youth_custody"])])
    with pytest.raises(RegisterError, match="Remove youth_custody"):
        registers(BY_ID["youth_custody"], policy=named)
    everywhere = rules(hide_everybody_or_nobody=[setting(True)])
    amounts = of_areas("youth_custody", {COUNTY: 0})
    assert hidden(released(amounts, BY_ID["youth_custody"], rules=everywhere), "youth_custody") == set()


def test_zeros_are_hidden_by_measure() -> None:
    amounts = of_areas("youth_custody", {COUNTY: 0}) | of_areas("youth_remand", {COUNTY: 0})
    by_measure = rules(hide_zeros=[setting(False), setting(True, measures=["youth_custody"])])
    shown = released(amounts, BY_ID["youth_custody"], BY_ID["youth_remand"], rules=by_measure)
    assert (hidden(shown, "youth_custody"), hidden(shown, "youth_remand")) == ({COUNTY}, set())


def partnership(code: str) -> set[str]:
    return {code, *AREAS[code].member_codes(Q4.start)}


def seen_by(own: set[str], amounts: dict[Any, Amount], release: ProtectedAmounts) -> set[str]:
    """The areas whose counts the release hides and readers of some areas see."""
    current = registers(measure(), policy=policy())
    shown, cells = with_own_amounts(amounts, current, TODAY, release.disclosed, [], own, seed=b"")
    assert {cell.area for cell in cells} <= own
    assert {cell: int(shown["synthetic", cell.area, cell.span].number) for cell in cells}.items() <= (
        release.disclosed.hidden.items()
    )
    assert all(shown[key] == release.amounts[key] for key in amounts if key[1] not in own)
    return {cell.area for cell in cells}


def test_a_partnership_sees_its_own_small_numbers() -> None:
    amounts = spread("synthetic", NUMBERS)
    release = released(amounts, measure())
    assert seen_by(partnership(SOUTH_VALE), amounts, release) == {"E07000179", "E07000180"}
    assert seen_by(partnership("CSP-OXFORD"), amounts, release) == set()


def test_a_partnership_does_not_see_a_cover_of_another_s_small_number() -> None:
    # Cherwell's 3 is hidden with another partnership's count, which gives it away: the county's total is shown.
    amounts = spread("synthetic", dict(zip(NUMBERS, (3, 40, 50, 30, 20), strict=True)))
    release = released(amounts, measure())
    (cover,) = {csp.code for csp in AREAS.csps} & hidden(release) - {"CSP-CHERWELL"}
    assert cover not in seen_by(partnership(cover), amounts, release)
    # Cherwell sees its own 3, and the cover is not small.
    assert seen_by(partnership("CSP-CHERWELL"), amounts, release) == partnership("CSP-CHERWELL")


def test_nobody_works_out_another_s_small_number_from_what_a_partnership_sees() -> None:
    draw = Random(7)
    tried = 0
    for _ in range(30):
        amounts = spread("synthetic", {code: draw.choice((0, 1, 2, 3, 4, 6, 8, 12, 30)) for code in NUMBERS})
        release = released(amounts, measure())
        counts = release.disclosed.counts
        cells, sums = sums_among(counts, (measure(),), AREAS)
        current = registers(measure(), policy=policy())
        for csp in AREAS.csps:
            own = partnership(csp.code)
            _, seen = with_own_amounts(amounts, current, TODAY, release.disclosed, [], own, seed=b"")
            known = {
                cell: count for cell, count in counts.items() if cell in seen or cell in release.disclosed.published
            }
            not_zero = {cell for cell, count in counts.items() if count}
            ranges = attack(known, sums, not_zero=not_zero)
            for cell, span in ranges.items():
                if cell.area not in own and 0 < cells[cell] < 5:
                    assert span.width >= 5, (csp.name, cell)
                    tried += 1
    assert tried > 50


def setting(value: object, **more: object) -> dict[str, object]:
    return {"value": value, "starts": "2013-04-01", "set_by": "Board", "why": "Because", **more}


def test_a_count_of_equal_value_in_an_older_release_is_not_the_same_count() -> None:
    # The year was 14, then in no release, and is 14 again with other parts: no reader knows that it is the same.
    year, quarter = Span.year_to(Q4), Span.quarter(Q4)
    cell = DisclosureCell("x", COUNTY, year)
    first = DisclosedCounts("first", {cell: 14})
    second = DisclosedCounts("second", {DisclosureCell("x", COUNTY, quarter): 3})
    assert cell not in ReaderKnowledge.together({cell: 14}, [], [first, second]).public
    assert cell in ReaderKnowledge.together({cell: 14}, [], [second, first]).public


def test_figures_with_decimals_are_protected_as_the_next_whole_number() -> None:
    share = BY_ID["asb_satisfaction"]
    spans = [Span.quarter(Q4.plus(-back)) for back in range(4)]
    amounts = {(share.id, COUNTY, span): Amount(Status.REPORTED, 30.4, 50.5) for span in spans}
    amounts[share.id, COUNTY, Span.year_to(Q4)] = Amount(Status.REPORTED, 121.6, 202.0)
    shown = released(amounts, share)
    assert hidden(shown, share.id) == set()
    assert shown.amounts[share.id, COUNTY, SPAN].number == 30.4
    whole = {cell.span: count for cell, count in shown.disclosed.published.items() if cell.component.endswith(":of")}
    assert (whole[SPAN], whole[Span.year_to(Q4)]) == (51, 204)


def test_less_than_one_is_hidden() -> None:
    share = BY_ID["asb_satisfaction"]
    assert hidden(released({(share.id, COUNTY, SPAN): Amount(Status.REPORTED, 0.9, 60.4)}, share), share.id) == {COUNTY}


@pytest.mark.parametrize(
    ("measure_id", "is_public"),
    [
        ("street_burglary", True),
        ("nightsafe_awards", True),
        ("csp_grant", True),
        ("robbery", False),
        # A zero or a part of the whole is hidden, or the counts on which it rests are.
        ("first_time_entrants", False),
        ("youth_reoffending", False),
        ("average_cost_burglary", False),
    ],
)
def test_of_some_measures_no_release_can_hide_a_figure(measure_id: str, is_public: bool) -> None:
    real = scorecard_inputs.registers(policy(), geography.areas())
    assert hides_nothing(BY_ID[measure_id], real, date(2022, 3, 31)) is is_public


def test_a_measure_whose_whole_may_be_hidden_may_be_hidden_too() -> None:
    """It has no threshold of its own, but its count is the part of one that has."""
    part = measure(id="part", numerator="part")
    whole = measure(id="whole", numerator="whole", parts=(("part", "rest"),))
    threshold = {"starts": "2013-04-01", "set_by": "Board", "why": "Because"}
    settings = [{**threshold, "value": 5}, {**threshold, "value": 1, "measures": ["part"]}]
    made_up = registers(part, whole, policy=rules(disclosure_threshold=settings))
    assert not hides_nothing(part, made_up, date(2022, 3, 31))
    assert hides_nothing(part, registers(part, policy=rules(disclosure_threshold=settings)), date(2022, 3, 31))
