"""Synthetic indicator returns of the Youth Offending Service."""

from __future__ import annotations

from demo.samples.seeded_random import about, rng_for, some_of
from sia import geography
from sia.calendar import Quarter
from sia.contract.return_workbook import RowValues

SOURCE = "youth_offending_service"
SINCE = Quarter(2021, 1)

_FIRST_TIME_ENTRANTS = {"E07000177": 7, "E07000178": 8, "E07000179": 4, "E07000180": 4, "E07000181": 3}
_COHORT, _REOFFENDED = 64, 0.33


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's table: entrants for every area, custody and reoffending for the county alone."""
    rng = rng_for("indicators", SOURCE, quarter)
    entrants = {district: about(rng, level) for district, level in _FIRST_TIME_ENTRANTS.items()}
    county = geography.county()
    lines: list[RowValues] = [
        {
            "measure": "first_time_entrants",
            "area": area.code,
            "numerator": sum(entrants[code] for code in area.member_codes(quarter.start)),
        }
        for area in (county, *geography.csps(), *geography.districts())
    ]
    cohort = about(rng, _COHORT)
    lines += [
        {"measure": "youth_custody", "area": county.code, "numerator": about(rng, 1.5)},
        {"measure": "youth_remand", "area": county.code, "numerator": about(rng, 1.2)},
        {
            "measure": "youth_reoffending",
            "area": county.code,
            "numerator": some_of(rng, cohort, _REOFFENDED),
            "denominator": cohort,
        },
    ]
    return {"indicators": lines}
