"""Exceptions: measures that do not travel the good way in the county or a partnership, and what the Board asks of each.

Made of the same scorecard that is published, so that nothing here says more than it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan

from sia import geography
from sia.geography import Area
from sia.registers.measures import Measure
from sia.scorecard.direction_of_travel import Travel
from sia.scorecard.revisions import Revision
from sia.scorecard.scorecard import Scorecard
from sia.statistics.comparison import Distance, distance_to_limit
from sia.statistics.intervals import Interval

Place = tuple[str, str]
"""Measure id and area code."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a lead about an exception: until when, and what was said on which day, if anything was."""

    due: date
    said: str | None = None
    given_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExceptionReport:
    """One exception.

    ``distance``: how many whole incidents part the last point from its nearer limit; none for means and money.
    ``revision``: how the county's figure of the measure is typically revised; none without a history. ``earlier``: the
    quarters in which it was an exception before. ``day``: of the report. ``asked``: of the lead.
    """

    measure: Measure
    area: Area
    travel: Travel
    distance: Distance | None
    revision: Revision | None
    priority_of: tuple[Area, ...]
    earlier: tuple[str, ...]
    day: date
    asked: Asked


def exception_reports(
    scorecard: Scorecard,
    revisions: Mapping[str, Revision],
    day: date,
    due: date,
    earlier: Mapping[Place, Sequence[str]],
    asked: Mapping[Place, Asked],
) -> list[ExceptionReport]:
    """The exceptions of a scorecard, in its order, county first; districts are not reported beside their partnership.

    Args:
        scorecard: the scorecard.
        revisions: the typical revision by measure.
        day: on which the reports are made.
        due: until when a lead may comment that was not asked yet.
        earlier: the quarters of earlier exceptions, by measure and area.
        asked: what leads were asked, by measure and area.
    """
    areas = geography.areas()
    return [
        ExceptionReport(
            measure=measure,
            area=area,
            travel=travel,
            distance=_distance(travel),
            revision=revisions.get(measure.id),
            priority_of=tuple(areas[code] for code in measure.priority_of),
            earlier=tuple(earlier.get((measure.id, area.code), ())),
            day=day,
            asked=asked.get((measure.id, area.code), Asked(due)),
        )
        for measure in scorecard.measures
        for area in (geography.county(), *geography.csps())
        if (travel := scorecard.travel.get((measure.id, area.code))) and travel.is_exception
    ]


def _distance(travel: Travel) -> Distance | None:
    limits, scale = travel.verdict.chart.limits, travel.incidents_per_unit
    value = travel.verdict.chart.values[-1]
    if limits is None or isnan(scale) or isnan(value):
        return None
    # The count of a rate is a whole number but for what binary arithmetic makes of it.
    return distance_to_limit(round(value * scale, 6), Interval(limits.lower * scale, limits.upper * scale))
