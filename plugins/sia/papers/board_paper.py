"""The Board's paper: what got better and worse, each exception with its lead's words, and how partnerships compare.

It is made from a quarter's release, and from the release of the quarter before, which says which exceptions closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sia.calendar import Quarter
from sia.geography import Area
from sia.presentation.exception_reports import ExceptionText, exception_text
from sia.registers.measures import Measure
from sia.release.release_data import ReleaseData
from sia.scorecard.boundaries import Boundaries
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.line import Line
from sia.scorecard.scorecard import Scorecard
from sia.statistics.direction import Direction

PAPER = "board_paper"

MAX_COMPARED = 30
"""So many measures fit on the page that compares the partnerships."""

MAX_REPORTED = 6
"""So many exceptions have a report of a page at most; the others are in the exception reports of the release."""


class Movement(StrEnum):
    """Where a measure goes, as the Board counts it. ``OTHER``: it moves, but neither is better, or it is unclear."""

    BETTER = "better"
    WORSE = "worse"
    NO_CLEAR_TREND = "no_clear_trend"
    CANNOT_TELL = "cannot_tell"
    OTHER = "other"


_MOVEMENTS = {
    Direction.IMPROVING: Movement.BETTER,
    Direction.DETERIORATING: Movement.WORSE,
    Direction.NO_CLEAR_TREND: Movement.NO_CLEAR_TREND,
    Direction.TOO_FEW: Movement.CANNOT_TELL,
    Direction.NOT_ENOUGH_DATA: Movement.CANNOT_TELL,
    Direction.HIDDEN: Movement.CANNOT_TELL,
}


def movement(travel: DirectionOfTravel | None) -> Movement:
    """Where a direction of travel goes; a measure without one cannot be judged."""
    return Movement.CANNOT_TELL if travel is None else _MOVEMENTS.get(travel.direction, Movement.OTHER)


@dataclass(frozen=True)
class MovingMeasure:
    """A measure with its line in one area, and where it goes there."""

    measure: Measure
    line: Line
    movement: Movement


@dataclass(frozen=True)
class BoardException:
    """An exception, and the quarter since which releases have reported it without a gap; none if it is new."""

    report: ExceptionReport
    text: ExceptionText
    since: Quarter | None


@dataclass(frozen=True)
class Priorities:
    """A partnership with the measures that are its local priorities."""

    area: Area
    measures: tuple[MovingMeasure, ...]


@dataclass(frozen=True)
class BoardPaper:
    """The paper.

    ``before``: the name of the release of the quarter before, if there is one; ``closed``: its exceptions that are not
    reported now. ``county``: every measure with a figure. ``compared``: the measures of the page of comparison.
    ``boundaries``: those from which its maps are drawn, if any.
    """

    release: str
    before: str | None
    board: date
    scorecard: Scorecard
    county: tuple[MovingMeasure, ...]
    exceptions: tuple[BoardException, ...]
    closed: tuple[ExceptionText, ...]
    priorities: tuple[Priorities, ...]
    compared: tuple[Measure, ...]
    boundaries: Boundaries | None

    def moving(self, where: Movement) -> list[MovingMeasure]:
        """The county's measures that go somewhere."""
        return [entry for entry in self.county if entry.movement is where]


def board_paper(data: ReleaseData, before: ReleaseData | None, board: date) -> BoardPaper:
    """Make the paper.

    Args:
        data: the quarter's release.
        before: the newest release of the quarter before, if there is one.
        board: the month in which the Board next meets.
    """
    scorecard = data.scorecard
    now = {report.place for report in data.exceptions}
    closed: list[ExceptionText] = []
    if before:
        gone = [report for report in before.exceptions if report.place not in now]
        closed = [exception_text(before.scorecard, report) for report in gone]
    exceptions = [
        BoardException(report, exception_text(scorecard, report), _since(report, scorecard.quarter))
        for report in data.exceptions
    ]
    return BoardPaper(
        release=data.name,
        before=before.name if before else None,
        board=board,
        scorecard=scorecard,
        county=_moving(scorecard, scorecard.areas.county, scorecard.reported),
        exceptions=tuple(sorted(exceptions, key=lambda exception: exception.since is not None)),
        closed=tuple(closed),
        priorities=tuple(
            Priorities(csp, _moving(scorecard, csp, [m for m in scorecard.measures if csp.code in m.priority_of]))
            for csp in scorecard.areas.csps
        ),
        compared=_compared(scorecard),
        boundaries=data.boundaries,
    )


def _moving(scorecard: Scorecard, area: Area, measures: Sequence[Measure]) -> tuple[MovingMeasure, ...]:
    lines = [(measure, scorecard.line(measure.id, area.code)) for measure in measures]
    return tuple(MovingMeasure(measure, line, movement(line.direction)) for measure, line in lines)


def _since(report: ExceptionReport, quarter: Quarter) -> Quarter | None:
    """The first of the quarters, without a gap up to the one before, for which it was reported."""
    first = quarter
    while first.plus(-1) in report.earlier:
        first = first.plus(-1)
    return None if first == quarter else first


def _compared(scorecard: Scorecard) -> tuple[Measure, ...]:
    """The first measure, those that move in the county or a partnership, then priorities, until the page is full."""
    areas = (scorecard.areas.county, *scorecard.areas.csps)

    def rank(measure: Measure) -> int:
        lines = [scorecard.line(measure.id, area.code).direction for area in areas]
        if any(movement(travel) in {Movement.WORSE, Movement.BETTER} for travel in lines):
            return 0
        return 1 if measure.priority_of else 2

    others = [measure for measure in scorecard.reported[1:] if rank(measure) < 2]
    kept = {measure.id for measure in (*scorecard.reported[:1], *sorted(others, key=rank)[: MAX_COMPARED - 1])}
    return tuple(measure for measure in scorecard.reported if measure.id in kept)
