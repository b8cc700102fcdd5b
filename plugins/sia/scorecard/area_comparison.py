"""Areas compared with the county and with each other, from the figures of a scorecard.

Only what has an interval is compared: rates and percentages. An area whose figure is missing or hidden is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sia.geography import Area, Areas, AreaType
from sia.registers.measures import Measure
from sia.scorecard.registry import LOWER, QUARTER_FIGURE, QUARTER_NUMBER, RATE, UPPER, Figure
from sia.statistics.comparison import (
    Benchmark,
    GoodDirection,
    Rank,
    compare_with_benchmark,
    funnel,
    ranks,
    spread_between,
)
from sia.statistics.intervals import Interval


class FunnelPosition(StrEnum):
    """Where a count is in the funnel around the county's rate."""

    INSIDE = "inside"
    BELOW_95 = "below_95"
    ABOVE_95 = "above_95"
    BELOW_998 = "below_998"
    ABOVE_998 = "above_998"


@dataclass(frozen=True, slots=True)
class AreaComparison:
    """An area's comparisons. ``rank``: its place or places among ``among`` partnerships, the highest value first."""

    with_county: Benchmark | None = None
    funnel: FunnelPosition | None = None
    rank: Rank | None = None
    among: int = 0


NOT_COMPARED = AreaComparison()

FiguresById = Mapping[str, Figure]
"""The figures of one measure and area, by the statistic's id."""


def compare_areas(
    measure: Measure,
    good_direction: GoodDirection,
    figures: Mapping[str, FiguresById],
    residents: Mapping[str, int],
    areas: Areas,
) -> dict[str, AreaComparison]:
    """The comparisons of a measure, by area code.

    Args:
        measure: the measure.
        good_direction: its good direction.
        figures: its figures by area code.
        residents: persons by area code.
        areas: the register of areas.
    """
    compared = RATE if measure.has_rate else QUARTER_FIGURE
    county = figures[areas.county.code]
    benchmark = county[compared.id].value
    intervals = {
        area: Interval(lower, upper)
        for area, own in figures.items()
        if (lower := own[LOWER.id].value) is not None and (upper := own[UPPER.id].value) is not None
    }
    partnerships = {area.code: intervals[area.code] for area in areas.csps if area.code in intervals}
    places = ranks(partnerships) if len(partnerships) > 1 else {}
    return {
        area.code: AreaComparison(
            with_county=None
            if benchmark is None
            else compare_with_benchmark(intervals[area.code], benchmark, good_direction),
            funnel=_funnel(
                county[RATE.id],
                figures[area.code],
                residents.get(area.code),
                [
                    (count, residents[csp.code])
                    for csp in areas.csps
                    if not _overlap(area, csp)
                    and csp.code in figures
                    and (count := figures[csp.code][QUARTER_NUMBER.id].value) is not None
                    and residents.get(csp.code)
                ],
            ),
            rank=places.get(area.code),
            among=len(places) if area.code in places else 0,
        )
        for area in areas.of_type(AreaType.CSP, AreaType.DISTRICT)
        if area.code in intervals
    }


def _overlap(area: Area, csp: Area) -> bool:
    """Whether an area is a partnership, or one of its districts: the others tell how much areas differ."""
    return area == csp or area.code in {member.area for member in csp.members}


def _funnel(
    county_rate: Figure, own: FiguresById, persons: int | None, others: Sequence[tuple[float, int]]
) -> FunnelPosition | None:
    """Where a count is in the funnel, which is as wide as chance and the spread of the other partnerships make it."""
    count = own[QUARTER_NUMBER.id].value
    if county_rate.value is None or own[RATE.id].value is None or count is None or not persons:
        return None
    limits = funnel(county_rate.value, persons, spread_between(county_rate.value, others))
    for position, beyond in (
        (FunnelPosition.BELOW_998, count < limits.lower_998),
        (FunnelPosition.ABOVE_998, count > limits.upper_998),
        (FunnelPosition.BELOW_95, count < limits.lower_95),
        (FunnelPosition.ABOVE_95, count > limits.upper_95),
    ):
        if beyond:
            return position
    return FunnelPosition.INSIDE
