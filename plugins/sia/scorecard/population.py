"""Residents of districts, and of partnerships and county as the sum of their districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sia.calendar import Quarter
from sia.geography import Areas


class PopulationEstimate(NamedTuple):
    """The residents of a district on 30 June of ``mid_year``, as published in ``vintage``."""

    area_code: str
    mid_year: int
    persons: int
    vintage: str


@dataclass(frozen=True, slots=True)
class Residents:
    """Persons by area code: the estimate for 30 June of ``mid_year``, as published in ``vintage``.

    Without an estimate for every district there are no persons and no year.
    """

    mid_year: int | None = None
    vintage: str | None = None
    persons: Mapping[str, int] = field(default_factory=dict)


def residents(estimates: Sequence[PopulationEstimate], quarter: Quarter, areas: Areas) -> Residents:
    """The residents by which a quarter's counts are divided.

    They are the estimate for the calendar year in which the financial year begins, or the latest before it if that is
    not known yet. A partnership's residents are the sum of its districts' at that time.
    """
    districts = [area.code for area in areas.districts]
    by_year: dict[int, dict[str, PopulationEstimate]] = {}
    for row in estimates:
        if row.mid_year <= quarter.year and row.area_code in districts:
            by_year.setdefault(row.mid_year, {})[row.area_code] = row
    complete = [year for year, of_district in by_year.items() if len(of_district) == len(districts)]
    if not complete:
        return Residents()
    mid_year = max(complete)
    chosen = by_year[mid_year]
    persons = {
        area.code: sum(int(chosen[code].persons) for code in area.member_codes(quarter.start))
        for area in (areas.county, *areas.csps, *areas.districts)
    }
    return Residents(mid_year, " and ".join(sorted({row.vintage for row in chosen.values()})), persons)
