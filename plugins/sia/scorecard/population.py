"""Residents of districts, and of partnerships and county as the sum of their districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sia import geography
from sia.calendar import Quarter


@dataclass(frozen=True, slots=True)
class Residents:
    """Persons by area code: the estimate for 30 June of ``mid_year``, as published in ``vintage``.

    Without an estimate for every district there are no persons and no year.
    """

    mid_year: int | None = None
    vintage: str | None = None
    persons: Mapping[str, int] = field(default_factory=dict)


def residents(population: pd.DataFrame, quarter: Quarter) -> Residents:
    """The residents by which a quarter's counts are divided.

    The mid-year estimate of the calendar year in which the financial year begins; where that is not yet
    known, the latest before it. A partnership's residents are the sum of its districts' at that time.

    Args:
        population: one row a district and year: ``area_code, mid_year, persons, vintage``.
        quarter: the quarter.
    """
    districts = {area.code for area in geography.districts()}
    known = population[population["area_code"].isin(districts) & (population["mid_year"] <= quarter.year)]
    covered = known.groupby("mid_year")["area_code"].nunique()
    years = covered[covered == len(districts)].index
    if years.empty:
        return Residents()
    mid_year = int(years.max())
    chosen = known[known["mid_year"] == mid_year]
    by_district = {row["area_code"]: int(row["persons"]) for row in chosen.to_dict("records")}
    places = (geography.county(), *geography.csps(), *geography.districts())
    persons = {place.code: sum(by_district[code] for code in place.member_codes(quarter.start)) for place in places}
    return Residents(mid_year, " and ".join(sorted(set(chosen["vintage"]))), persons)
