"""Partnerships compared with their peers: for the measures that the ONS counts too, each list on its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sia.registers.measures import measures
from sia.scorecard.peers import PeerComparison, PeerList, PeerListKind, PeerRow, PeerTable, compare_with_peers

ROW = PeerRow(
    kind="nearest_neighbours",
    list_made_by=None,
    list_year=None,
    area_code="CSP-CHERWELL",
    year_to=date(2024, 12, 1),
    offence="all",
    rate=Decimal("68.508"),  # type: ignore[arg-type] - as the database gives it
    peers_listed=15,
    peers_compared=14,
    peers_lowest=41.865,
    peers_median=64.172,
    peers_highest=92.354,
    peers_higher=7,
    england_and_wales=None,
)
NEAREST = PeerList(PeerListKind.NEAREST_NEIGHBOURS)


def of_crime(table: PeerTable) -> PeerComparison:
    (comparison,) = (row for row in table.rows if row.measure_id == "all_recorded_crime")
    return comparison


def test_a_measure_takes_part_if_it_says_what_the_ons_counts() -> None:
    rows = [ROW, ROW._replace(offence="robbery"), ROW._replace(offence="homicide")]
    (table,) = compare_with_peers(measures(), rows)
    assert table.peers == NEAREST
    compared = {(row.measure_id, row.area_code) for row in table.rows}
    assert compared == {("all_recorded_crime", "CSP-CHERWELL"), ("robbery", "CSP-CHERWELL")}
    crime = of_crime(table)
    assert (crime.rate, crime.compared, crime.listed, crime.higher) == (68.508, 14, 15, 7)
    assert crime.england_and_wales is None


def test_a_supplied_list_is_apart_with_who_made_it_and_its_year() -> None:
    similar = ROW._replace(kind="most_similar_group", list_made_by="Home Office", list_year=2024, peers_median=70.0)
    tables = compare_with_peers(measures(), [ROW, similar])
    supplied = PeerList(PeerListKind.MOST_SIMILAR_GROUP, "Home Office", 2024)
    assert [table.peers for table in tables] == [NEAREST, supplied]
    assert [of_crime(table).median for table in tables] == [64.172, 70.0]


def test_without_tables_nothing_is_compared() -> None:
    assert compare_with_peers(measures(), []) == ()
