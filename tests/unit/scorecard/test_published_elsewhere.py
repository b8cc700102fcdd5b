"""Ranges by hand: the largest difference so far, as a share of the other publisher's number."""

from __future__ import annotations

from datetime import date

from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell, Span
from sia.scorecard.published_elsewhere import FigureElsewhere, components_elsewhere, ranges_elsewhere
from tests.unit.scorecard.synthetic import AREAS, measure
from tests.unit.scorecard.test_protection import COUNTY, NUMBERS, SOUTH_VALE, hidden, released, spread

YEAR = Span.year_to(Quarter(2021, 4))
ENDS = date(2022, 3, 31)
ROBBERY = measure(recorded_as="robbery")
COMPONENT = "tvp_counts.synthetic"
SOUTH, VALE = "E07000179", "E07000180"


def elsewhere(**by_area: int) -> list[FigureElsewhere]:
    return [FigureElsewhere("robbery", area, ENDS, number, number) for area, number in by_area.items()]


def test_what_the_ons_publishes_of_a_cover_does_not_give_away_what_it_covers() -> None:
    amounts = spread("synthetic", NUMBERS, span=YEAR)
    alone = hidden(released(amounts, ROBBERY), span=YEAR)
    assert alone == {SOUTH, VALE}
    # With the ONS's 30 for Vale, 33 for South and Vale would leave 3 for South Oxfordshire.
    without_south = elsewhere(**{area: number for area, number in NUMBERS.items() if area != SOUTH})
    shown = hidden(released(amounts, ROBBERY, elsewhere=without_south), span=YEAR)
    assert {SOUTH, SOUTH_VALE} <= shown
    # Then the county less the other three partnerships, whose districts the ONS gives, would leave 33.
    assert COUNTY in shown


def test_what_the_ons_publishes_of_a_small_count_itself_is_not_ours_to_protect() -> None:
    amounts = spread("synthetic", NUMBERS, span=YEAR)
    shown = released(amounts, ROBBERY, elsewhere=elsewhere(**NUMBERS))
    assert SOUTH in hidden(shown, span=YEAR)
    assert shown.left_out == {}


def test_figures_that_are_not_near_give_nothing_away() -> None:
    amounts = spread("synthetic", NUMBERS, span=YEAR)
    # Half of it, half as much again, or twice: readers cannot take one of them for ours.
    far = elsewhere(E07000177=20, E07000178=75, E07000180=60, E07000181=10)
    assert hidden(released(amounts, ROBBERY, elsewhere=far), span=YEAR) == {SOUTH, VALE}


def test_a_range_is_as_wide_as_the_largest_difference_so_far() -> None:
    codes = list(NUMBERS)
    now = {DisclosureCell(COMPONENT, code, YEAR): 100 for code in codes}
    # Ours is 100 everywhere; theirs is 98 and 110 in two districts: at most 10 in 110 away.
    figures = elsewhere(**dict(zip(codes, (100, 100, 100, 98, 110), strict=True)))
    ranges = {known.cell.area: known for known in ranges_elsewhere(figures, [now], {"robbery": COMPONENT}, AREAS)}
    assert (ranges[codes[0]].least, ranges[codes[0]].most) == (91, 109)
    assert (ranges[codes[3]].least, ranges[codes[3]].most) == (90, 106)
    assert (ranges[codes[4]].least, ranges[codes[4]].most) == (100, 120)
    # An earlier release had 120 for the first: 20 in 100 away.
    before = now | {DisclosureCell(COMPONENT, codes[0], YEAR): 120}
    wider = {
        known.cell.area: known for known in ranges_elsewhere(figures, [before, now], {"robbery": COMPONENT}, AREAS)
    }
    assert (wider[codes[0]].least, wider[codes[0]].most) == (80, 120)


def test_a_larger_area_is_the_sum_of_its_districts_where_all_are_published() -> None:
    cells = [DisclosureCell(COMPONENT, area, YEAR) for area in (*NUMBERS, SOUTH_VALE, COUNTY)]
    counts = dict(zip(cells, (*NUMBERS.values(), 33, 143), strict=True))
    of_all = ranges_elsewhere(elsewhere(**NUMBERS), [counts], {"robbery": COMPONENT}, AREAS)
    assert {known.cell.area: known.most for known in of_all} == {**NUMBERS, SOUTH_VALE: 33, COUNTY: 143}
    of_vale = ranges_elsewhere(elsewhere(**{VALE: 30}), [counts], {"robbery": COMPONENT}, AREAS)
    assert [known.cell.area for known in of_vale] == [VALE]


def test_figures_of_other_offences_and_of_years_that_we_do_not_have_are_left_aside() -> None:
    counts = {DisclosureCell(COMPONENT, VALE, YEAR): 30}
    other = FigureElsewhere("theft", VALE, ENDS, 30, 30), FigureElsewhere("robbery", VALE, date(2020, 3, 31), 30, 30)
    assert ranges_elsewhere(other, [counts], components_elsewhere([ROBBERY]), AREAS) == []
