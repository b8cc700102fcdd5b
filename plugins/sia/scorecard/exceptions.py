"""Exceptions: measures that move the wrong way in the county or a partnership, with what the Board asks about each.

They are made from the scorecard that is published, so nothing here says more than it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sia.scorecard.amounts import Place
from sia.scorecard.periods import KeyedQuarter
from sia.scorecard.revisions import TypicalRevision
from sia.scorecard.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class LeadCommentary:
    """What a lead was asked about an exception: by when, and what it wrote on which day, if it wrote anything."""

    due: date
    text: str | None = None
    given_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExceptionReport:
    """An exception, which the scorecard's line of the same measure and area describes.

    ``revision``: how the county's figure of the measure is typically revised; none without a history. ``earlier``: the
    quarters for which releases reported it before. ``day``: of the report.
    """

    measure_id: str
    area_code: str
    revision: TypicalRevision | None
    earlier: tuple[KeyedQuarter, ...]
    day: date
    commentary: LeadCommentary

    @property
    def place(self) -> Place:
        """Its measure and area."""
        return self.measure_id, self.area_code


def exception_reports(
    scorecard: Scorecard,
    revisions: Mapping[str, TypicalRevision],
    day: date,
    due: date,
    earlier: Mapping[Place, Sequence[KeyedQuarter]],
    commentary: Mapping[Place, LeadCommentary],
) -> tuple[ExceptionReport, ...]:
    """The exceptions of a scorecard in its order, county first. A district's are its partnership's to report.

    Args:
        scorecard: the scorecard.
        revisions: the typical revision by measure.
        day: on which the reports are made.
        due: by when a lead that was not asked yet may comment.
        earlier: the quarters of earlier exceptions, by measure and area.
        commentary: what leads were asked and wrote, by measure and area.
    """
    return tuple(
        ExceptionReport(
            measure_id=measure.id,
            area_code=area.code,
            revision=revisions.get(measure.id),
            earlier=tuple(earlier.get((measure.id, area.code), ())),
            day=day,
            commentary=commentary.get((measure.id, area.code), LeadCommentary(due)),
        )
        for measure in scorecard.measures
        for area in (scorecard.areas.county, *scorecard.areas.csps)
        if (direction := scorecard.line(measure.id, area.code).direction) and direction.is_exception
    )
