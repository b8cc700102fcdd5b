"""Partnerships beside their peers: for the measures that the ONS counts too, each list for itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isnan

import pandas as pd

from sia.registers.measures import measures
from sia.scorecard.peers import Comparison, PeerList, beside_peers

ROW = {
    "comparison": "nearest_neighbours", "list_made_by": None, "list_year": None,
    "area_code": "CSP-CHERWELL", "year_to": date(2024, 12, 1), "offence": "all", "rate_per_1000": Decimal("68.508"),
    "peers_listed": 15, "peers": 14, "peers_rate_per_1000": Decimal("67.563"),
    "peers_lowest_per_1000": Decimal("41.865"), "peers_median_per_1000": Decimal("64.172"),
    "peers_highest_per_1000": Decimal("92.354"), "peers_higher": 7, "england_and_wales_per_1000": None,
}  # fmt: skip
NEAREST = PeerList(Comparison.NEAREST_NEIGHBOURS, None, None)


def test_a_measure_takes_part_if_it_says_what_the_ons_counts() -> None:
    published = pd.DataFrame([ROW, {**ROW, "offence": "robbery"}, {**ROW, "offence": "homicide"}])
    found = beside_peers(measures(), published)
    assert set(found) == {NEAREST}
    assert set(found[NEAREST]) == {("all_recorded_crime", "CSP-CHERWELL"), ("robbery", "CSP-CHERWELL")}
    crime = found[NEAREST]["all_recorded_crime", "CSP-CHERWELL"]
    assert (crime.rate, crime.compared, crime.listed, crime.higher) == (68.508, 14, 15, 7)
    assert isnan(crime.england_and_wales)


def test_a_supplied_list_stands_apart_with_who_made_it_and_its_year() -> None:
    similar = {**ROW, "comparison": "most_similar_group", "list_made_by": "Home Office", "list_year": 2024,
               "peers_median_per_1000": Decimal("70.0")}  # fmt: skip
    found = beside_peers(measures(), pd.DataFrame([ROW, similar]))
    supplied = PeerList(Comparison.MOST_SIMILAR_GROUP, "Home Office", 2024)
    assert list(found) == [NEAREST, supplied]
    medians = [found[each]["all_recorded_crime", "CSP-CHERWELL"].median for each in found]
    assert medians == [64.172, 70.0]


def test_nothing_held_compares_nothing() -> None:
    assert beside_peers(measures(), pd.DataFrame(columns=list(ROW))) == {}
