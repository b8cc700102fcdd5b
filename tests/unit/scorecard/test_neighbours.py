"""Partnerships beside their ONS nearest neighbours: for the measures that the ONS counts too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isnan

import pandas as pd

from sia.measures.register import measures
from sia.scorecard.neighbours import neighbours

ROW = {
    "area_code": "CSP-CHERWELL", "year_to": date(2024, 12, 1), "offence": "all", "rate_per_1000": Decimal("68.508"),
    "neighbours_listed": 15, "neighbours": 14, "neighbours_rate_per_1000": Decimal("67.563"),
    "neighbours_lowest_per_1000": Decimal("41.865"), "neighbours_median_per_1000": Decimal("64.172"),
    "neighbours_highest_per_1000": Decimal("92.354"), "neighbours_higher": 7, "england_and_wales_per_1000": None,
}  # fmt: skip


def test_a_measure_takes_part_if_it_says_what_the_ons_counts() -> None:
    published = pd.DataFrame([ROW, {**ROW, "offence": "robbery"}, {**ROW, "offence": "homicide"}])
    found = neighbours(measures(), published)
    assert set(found) == {("all_recorded_crime", "CSP-CHERWELL"), ("robbery", "CSP-CHERWELL")}
    crime = found["all_recorded_crime", "CSP-CHERWELL"]
    assert (crime.rate, crime.compared, crime.listed, crime.higher) == (68.508, 14, 15, 7)
    assert isnan(crime.england_and_wales)


def test_nothing_held_compares_nothing() -> None:
    assert neighbours(measures(), pd.DataFrame(columns=list(ROW))) == {}
