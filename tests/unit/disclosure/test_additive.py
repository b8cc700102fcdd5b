"""The sums that join counts."""

from datetime import date

import pytest

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell, Division, Span, with_sums

AREAS = geography.areas()

COUNTY, SOUTH, VALE, SOUTH_VALE = "E10000025", "E07000179", "E07000180", "CSP-SOUTH-VALE"
Q1, Q2, Q3, Q4 = (Quarter(2021, number) for number in (1, 2, 3, 4))


def written(groups: tuple) -> set[str]:
    return {str(group) for group in groups}


def test_a_span_has_one_name_whatever_it_is_called() -> None:
    assert Span.year_to(Q4) == Span.year_to_date(Q4) == Span.months(date(2021, 4, 1), 12)
    assert Span.year_to_date(Q1) == Span.quarter(Q1)
    assert str(Span.quarter(Q4)) == "2022-01 to 2022-03"
    assert str(Span.months(date(2021, 12, 1), 1)) == "2021-12"


def test_months_make_quarters_and_quarters_make_years() -> None:
    counts = {DisclosureCell("x", "A", Span.months(date(2021, month, 1), 1)): month for month in (4, 5, 6)}
    counts[DisclosureCell("x", "A", Span.quarter(Q1))] = 15
    counts |= {DisclosureCell("x", "A", Span.quarter(quarter)): 10 for quarter in (Q2, Q3, Q4)}
    counts[DisclosureCell("x", "A", Span.year_to(Q4))] = 45
    cells, groups = with_sums(counts, AREAS)
    assert cells == counts
    assert written(groups) == {
        "x, A, 2021-04 to 2021-06 = x, A, 2021-04 + x, A, 2021-05 + x, A, 2021-06",
        "x, A, 2021-04 to 2022-03 = x, A, 2021-04 + x, A, 2021-05 + x, A, 2021-06 + "
        "x, A, 2021-07 to 2021-09 + x, A, 2021-10 to 2021-12 + x, A, 2022-01 to 2022-03",
    }


def test_what_subtraction_gives_is_a_cell() -> None:
    counts = {DisclosureCell("x", "A", Span.year_to_date(Q4)): 20, DisclosureCell("x", "A", Span.year_to_date(Q3)): 18}
    cells, groups = with_sums(counts, AREAS)
    assert cells[DisclosureCell("x", "A", Span.quarter(Q4))] == 2
    assert written(groups) == {"x, A, 2021-04 to 2022-03 = x, A, 2021-04 to 2021-12 + x, A, 2022-01 to 2022-03"}


def test_rolling_years_give_quarters_away_when_one_is_known() -> None:
    counts = {DisclosureCell("x", "A", Span.year_to(Q4)): 20, DisclosureCell("x", "A", Span.year_to(Q4.next())): 21}
    assert with_sums(counts, AREAS)[1] == ()
    counts[DisclosureCell("x", "A", Span.quarter(Q1))] = 4
    cells, _ = with_sums(counts, AREAS)
    assert cells[DisclosureCell("x", "A", Span.quarter(Q4.next()))] == 5


def test_districts_make_partnerships_and_the_county() -> None:
    counts = {DisclosureCell("x", area.code, Span.quarter(Q4)): 1 for area in AREAS.districts}
    counts |= {DisclosureCell("x", area.code, Span.quarter(Q4)): len(area.members) for area in AREAS.csps}
    counts[DisclosureCell("x", COUNTY, Span.quarter(Q4))] = 5
    cells, groups = with_sums(counts, AREAS)
    assert cells == counts
    assert len(groups) == 5
    totals = {group.total.area: {part.area for part in group.parts} for group in groups}
    assert totals[SOUTH_VALE] == {SOUTH, VALE}
    assert totals["CSP-OXFORD"] == {"E07000178"}


def test_what_the_held_parts_leave_is_a_part() -> None:
    counts = {DisclosureCell("x", SOUTH_VALE, Span.quarter(Q4)): 12, DisclosureCell("x", VALE, Span.quarter(Q4)): 10}
    cells, (group,) = with_sums(counts, AREAS)
    assert cells[group.parts[1]] == 2
    assert group.parts[1].area == f"rest of {SOUTH_VALE}"


def test_categories_make_what_is_counted() -> None:
    counts = {DisclosureCell(name, "A", Span.quarter(Q4)): count for name, count in (("all", 9), ("b", 6), ("c", 3))}
    _, groups = with_sums(counts, AREAS, divisions=[Division("all", ("b", "c"))])
    assert written(groups) == {"all, A, 2022-01 to 2022-03 = b, A, 2022-01 to 2022-03 + c, A, 2022-01 to 2022-03"}


def test_contradictions_name_the_cell_and_no_value() -> None:
    quarter, year = Span.quarter(Q4), Span.year_to(Q4)
    for counts in (
        {DisclosureCell("x", SOUTH_VALE, quarter): 3, DisclosureCell("x", VALE, quarter): 4711},
        {
            DisclosureCell("x", "A", Span.year_to_date(Q3)): 4711,
            DisclosureCell("x", "A", quarter): 4,
            DisclosureCell("x", "A", year): 2,
        },
        {DisclosureCell("x", "A", Span.year_to_date(Q3)): 4711, DisclosureCell("x", "A", year): 2},
    ):
        with pytest.raises(ValueError, match="x, ") as fault:
            with_sums(counts, AREAS)
        assert "4711" not in str(fault.value)


def test_a_county_less_its_partnerships_is_known_though_a_district_is_missing() -> None:
    quarter = Span.quarter(Q4)
    counts = {DisclosureCell("x", area.code, quarter): 1 for area in AREAS.districts if area.code != SOUTH}
    counts |= {DisclosureCell("x", area.code, quarter): 3 for area in AREAS.csps if area.code == SOUTH_VALE}
    counts |= {DisclosureCell("x", area.code, quarter): 1 for area in AREAS.csps if area.code != SOUTH_VALE}
    counts[DisclosureCell("x", COUNTY, quarter)] = 6
    _, groups = with_sums(counts, AREAS)
    of_county = [{part.area for part in group.parts} for group in groups if group.total.area == COUNTY]
    assert {area.code for area in AREAS.csps} in of_county
