"""Areas beside the county and beside each other, from the figures of a scorecard's lines.

Only what has an interval is compared: rates and percentages. An area whose figure is missing or hidden is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Any, Literal

from sia import geography
from sia.geography import AreaType
from sia.registers.measures import Measure
from sia.statistics.comparison import Benchmark, Rank, against, funnel, ranks
from sia.statistics.intervals import Interval


class Funnel(StrEnum):
    """Where a count lies in the funnel around the county's rate."""

    INSIDE = "inside the limits"
    BELOW_95 = "below the 95% limit"
    ABOVE_95 = "above the 95% limit"
    BELOW_998 = "below the 99.8% limit"
    ABOVE_998 = "above the 99.8% limit"


@dataclass(frozen=True, slots=True)
class Beside:
    """An area's comparisons. ``rank``: its place or places among ``among`` partnerships, the highest value first."""

    against_county: Benchmark | None = None
    funnel: Funnel | None = None
    rank: Rank | None = None
    among: int = 0


def beside(
    measure: Measure, good: Literal["up", "down", "none"], lines: Mapping[str, Mapping[Any, Any]]
) -> dict[str, Beside]:
    """The comparisons of a measure's areas, by area code.

    Args:
        measure: the measure.
        good: its good direction.
        lines: its lines by area code.
    """
    if not measure.has_rate and measure.kind != "proportion":
        return {}
    value = "rate" if measure.has_rate else "quarter_figure"
    county = lines[geography.county().code]
    intervals = {
        area: Interval(line["lower"], line["upper"]) for area, line in lines.items() if not isnan(line["lower"])
    }
    partnerships = {area.code: intervals[area.code] for area in geography.csps() if area.code in intervals}
    places = ranks(partnerships) if len(partnerships) > 1 else {}
    inside = {area.code for area in geography.of_type(AreaType.CSP, AreaType.DISTRICT)}
    return {
        area: Beside(
            against_county=None if isnan(county[value]) else against(interval, county[value], good),
            funnel=_funnel(county["rate"], lines[area]),
            rank=places.get(area),
            among=len(places) if area in places else 0,
        )
        for area, interval in intervals.items()
        if area in inside
    }


def _funnel(county_rate: float, line: Mapping[Any, Any]) -> Funnel | None:
    if isnan(county_rate) or isnan(line["rate"]):
        return None
    limits = funnel(county_rate, int(line["residents"]))
    count = line["quarter_number"]
    for found, beyond in (
        (Funnel.BELOW_998, count < limits.lower_998),
        (Funnel.ABOVE_998, count > limits.upper_998),
        (Funnel.BELOW_95, count < limits.lower_95),
        (Funnel.ABOVE_95, count > limits.upper_95),
    ):
        if beyond:
            return found
    return Funnel.INSIDE
