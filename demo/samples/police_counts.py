"""Synthetic police counts: recorded crime, detections and incidents by month and district."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from demo.samples.published import FIRST, LAST, Cell, first_published
from demo.samples.seeded_random import about, agree, rng_for, some_of, targets
from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract.model import contract
from sia.contract.return_workbook import RowValues

# Levels for a month. Recorded crime and ASB together are close to data.police.uk's figures for January to March 2022.
_CRIME = {"E07000177": 930, "E07000178": 1190, "E07000179": 555, "E07000180": 560, "E07000181": 450}
_ASB = {"E07000177": 125, "E07000178": 165, "E07000179": 80, "E07000180": 80, "E07000181": 65}
_CRIME_SEASON = dict(
    zip(range(1, 13), (0.95, 0.9, 1.0, 0.97, 1.03, 1.04, 1.07, 1.03, 1.0, 1.05, 1.02, 0.96), strict=True)
)
_ASB_SEASON = dict(zip(range(1, 13), (0.72, 0.75, 0.9, 1.05, 1.12, 1.2, 1.3, 1.25, 1.05, 0.98, 0.88, 0.8), strict=True))
_CRIME_YEAR = {2017: 0.9, 2018: 0.94, 2019: 0.98, 2020: 1.0, 2021: 1.0}
_ASB_YEAR = {2017: 1.6, 2018: 1.45, 2019: 1.3, 2020: 1.3, 2021: 1.0}
# The pandemic's restrictions: less crime, above all in streets and homes; more reports of ASB.
_LOCKDOWN = {
    "2020-04": (0.68, 2.1), "2020-05": (0.78, 1.9), "2020-06": (0.9, 1.45), "2020-07": (0.97, 1.2),
    "2020-11": (0.88, 1.3), "2021-01": (0.78, 1.4), "2021-02": (0.8, 1.4), "2021-03": (0.9, 1.2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """A crime group: its share of recorded crime, its detection rate, and how much more of it some districts have.

    ``lockdown`` is the power to which the lockdown's effect on all crime is raised: 0 for none, 2 for a strong effect.
    """

    share: float
    detected: float | None = None
    lockdown: float = 1
    places: dict[str, float] = field(default_factory=dict)


_RURAL = {"E07000177": 0.9, "E07000178": 0.05, "E07000179": 1.6, "E07000180": 1.5, "E07000181": 1.7}
_CENTRES = {"E07000177": 1.0, "E07000178": 1.8, "E07000179": 0.5, "E07000180": 0.5, "E07000181": 0.6}
_GROUPS = {
    "serious_crime": _Group(0.03, 0.17),
    "burglary_dwelling": _Group(0.031, 0.07, lockdown=2),
    "vehicle_crime": _Group(0.075, 0.03, lockdown=2),
    "robbery": _Group(0.007, 0.11, lockdown=2),
    "rural_crime": _Group(0.02, 0.04, places=_RURAL),
    "distraction_burglary": _Group(0.0012, 0.06),
    "violent_assault": _Group(0.085, 0.15),
    "criminal_damage": _Group(0.092, 0.09),
    "domestic_abuse_crimes": _Group(0.15, lockdown=-0.2),
    "domestic_abuse_incidents": _Group(0.13, lockdown=-0.3),
    "hate_crime": _Group(0.017, 0.16, lockdown=0.5, places={"E07000178": 1.6}),
    "town_centre_violence": _Group(0.022, lockdown=2.5, places=_CENTRES),
}


@cache
def counts() -> dict[Cell, dict[str, int]]:
    """Every measure of the return by month and district. The cell's detail is the month."""
    by_cell: dict[Cell, dict[str, int]] = {}
    orders = _closure_orders()
    for area, crime in _CRIME.items():
        rng = rng_for("tvp_counts", area)
        recorded_before: dict[str, int] = {}
        for quarter in quarters_between(FIRST, LAST):
            for month in quarter.months:
                calendar_month = int(month[5:])
                less_crime, more_asb = _LOCKDOWN.get(month, (1, 1))
                usual = crime * _CRIME_SEASON[calendar_month] * _CRIME_YEAR[quarter.year]
                asb = _ASB[area] * _ASB_SEASON[calendar_month] * _ASB_YEAR[quarter.year]
                numbers = {
                    "all_recorded_crime": about(rng, usual * less_crime),
                    "asb_incidents": about(rng, asb * more_asb),
                    "closure_orders": orders[Cell(quarter, area, month)],
                }
                for name, group in _GROUPS.items():
                    level = usual * less_crime**group.lockdown * group.share * group.places.get(area, 1)
                    numbers[name] = about(rng, level)
                    if group.detected is not None:
                        # Police detect crimes some weeks after they record them.
                        earlier = recorded_before.get(name, numbers[name])
                        numbers[f"{name}_detected"] = some_of(rng, earlier, group.detected)
                        recorded_before[name] = numbers[name]
                by_cell[Cell(quarter, area, month)] = numbers
    return by_cell


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's table."""
    measures = [choice.code for choice in contract("tvp_counts").table("counts").column("measure").code_list(quarter)]
    lines: list[RowValues] = []
    for month in quarter.months:
        for measure in measures:
            by_area = {
                area.column: counts()[Cell(quarter, area.code, month)][measure] for area in geography.districts()
            }
            lines.append({"month": month, "measure": measure} | by_area | {"oxfordshire": sum(by_area.values())})
    return {"counts": lines}


def _closure_orders() -> dict[Cell, int]:
    rng = rng_for("tvp_counts", "closure_orders")
    levels = {
        Cell(quarter, area.code, month): 0.4
        for quarter in quarters_between(FIRST, LAST)
        for area in geography.districts()
        for month in quarter.months
    }
    return agree(rng, levels, targets(first_published("closure_orders"), levels))
