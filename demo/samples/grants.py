"""Synthetic grants returns of the partnerships: the Commissioner's grants, and the projects that they pay for.

The grants of 2013/14 are those of the annual refresh 2013-14. How the partnerships shared theirs is invented.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from demo.samples.seeded_random import about, day_in, rng_for, share_out
from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.return_workbook import CellValue, RowValues

EARLIER = quarters_between(Quarter(2013, 1), Quarter(2013, 4))
"""The quarters of 2013/14, which are before those of the other returns."""

_RECIPIENTS = {
    "cherwell": "CSP-CHERWELL",
    "oxford_city": "CSP-OXFORD",
    "south_and_vale": "CSP-SOUTH-VALE",
    "west_oxfordshire": "CSP-WEST",
}
# South and Vale's: para 7 of the reports of 18 June 2019, 21 September 2020 and 7 November 2022; for 2020/21 para 48 of
# the second. 2013/14: the table of the annual refresh 2013-14, in which the partnerships have 286,794 together.
_SOUTH_AND_VALE = {2013: 96794, 2017: 106846, 2018: 106846, 2019: 106846, 2020: 106846, 2021: 105831}
_OTHERS = {2013: {"cherwell": 65000, "oxford_city": 90000, "west_oxfordshire": 35000}}
_USUAL_OTHERS = {"cherwell": 72000, "oxford_city": 98500, "west_oxfordshire": 41000}
_PROGRAMMES = {"drug_intervention": 327000, "youth_offending_service": 112866, "positive_futures": 19500}

_PROJECTS = (
    ("Diversion for young people", "antisocial_behaviour", 0.16, 9, 14),
    ("Outreach for victims of domestic abuse", "domestic_abuse", 0.22, 30, 12),
    ("Play about exploitation in schools", "exploitation", 0.08, 4, 60),
    ("Marking of farm equipment", "rural_crime", 0.06, 12, 10),
    ("Night-time street support", "violence", 0.1, 24, 18),
)
_SPENT_BY_QUARTER = (0.2, 0.25, 0.25, 0.28)
_HALF_SPENT = ("west_oxfordshire", "Made-up provider: Outreach for victims of domestic abuse")
"""A project that found no staff for half of its time, so that its award was not spent."""


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's tables."""
    return {
        "grants": [_grant_row(recipient, quarter) for recipient in (*_RECIPIENTS, *_PROGRAMMES)],
        "awards": [row for recipient in _RECIPIENTS for row in _award_rows(recipient, quarter)],
    }


def _grant(recipient: str, year: int) -> int:
    """The grant of a financial year in pounds."""
    if recipient == "south_and_vale":
        return _SOUTH_AND_VALE[year]
    return _PROGRAMMES.get(recipient) or _OTHERS.get(year, _USUAL_OTHERS)[recipient]


def _grant_row(recipient: str, quarter: Quarter) -> RowValues:
    grant = _grant(recipient, quarter.year)
    spent = [round(grant * share) for share in _SPENT_BY_QUARTER[: quarter.number]]
    return {
        "recipient": recipient,
        "granted": grant if quarter.number == 1 else 0,
        "granted_in_year": grant,
        "spent": spent[-1],
        "spent_in_year": sum(spent),
    }


def _award_rows(recipient: str, quarter: Quarter) -> list[RowValues]:
    """Each project of the year, from the quarter of its award: it spends evenly, and not all spend everything."""
    listed: list[RowValues] = []
    for project in _awards(recipient, quarter.year):
        awarded_on, award = project["awarded_on"], project["award"]
        if not isinstance(awarded_on, date) or not isinstance(award, Decimal) or awarded_on > quarter.end:
            continue
        rng = rng_for("grants", str(project["award_reference"]), quarter)
        first = Quarter.containing(awarded_on).number
        to_spend = int(award) // (2 if (recipient, project["provider"]) == _HALF_SPENT else 1)
        of_quarters = share_out(
            rng_for("grants", str(project["award_reference"])), to_spend, dict.fromkeys("1234", 1.0)
        )
        spent = [of_quarters[str(number)] for number in range(first, quarter.number + 1)]
        activities, outcomes = (int(str(project[name])) for name in ("activities", "outcomes"))
        listed.append(
            project
            | {
                "spent": spent[-1],
                "spent_to_date": sum(spent),
                "activities": about(rng, activities),
                "outcomes": about(rng, outcomes),
            }
        )
    return listed


@cache
def _awards(recipient: str, year: int) -> tuple[dict[str, CellValue], ...]:
    """The awards of a partnership in a financial year, all made in its first two quarters."""
    csp = geography.areas()[_RECIPIENTS[recipient]]
    rng = rng_for("grants", recipient, year)
    number_of_csp = list(_RECIPIENTS).index(recipient)
    return tuple(
        {
            "award_reference": f"GRA-{year}-{10 * number_of_csp + position:03d}",
            "csp": csp.code,
            "provider": f"Made-up provider: {title}",
            "priority": priority,
            "awarded_on": day_in(rng, Quarter(year, 1 if position < 4 else 2)),
            "ends_on": Quarter(year, 4).end,
            "award": Decimal(round(share * _grant(recipient, year))),
            "activities": activities,
            "outcomes": outcomes,
        }
        for position, (title, priority, share, activities, outcomes) in enumerate(_PROJECTS, start=1)
    )
