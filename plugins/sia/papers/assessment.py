"""The pack for the annual Strategic Intelligence Assessment: a financial year in the county and its partnerships.

Trends are those of the newest release of the year's fourth quarter; exceptions and revisions are those of all of the
year's releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.geography import Area
from sia.papers.history import Quarterly, Row, has_figures, history
from sia.registers import business_cycle
from sia.registers.measures import Measure
from sia.scorecard.amounts import Held
from sia.scorecard.scorecard import Line, Scorecard

PAPER = "assessment"


@dataclass(frozen=True)
class InArea:
    """A measure in an area: its line at the year's end, and its last eight quarters."""

    area: Area
    line: Line
    quarters: tuple[Quarterly, ...]


@dataclass(frozen=True)
class InYear:
    """A measure in the county and its partnerships; areas without any figure are left out."""

    measure: Measure
    areas: tuple[InArea, ...]


@dataclass(frozen=True)
class ReleasedIn:
    """What a release of the year said: its exceptions, and what it revised of the one before it."""

    name: str
    known_at: datetime
    suppressed: int
    exceptions: tuple[Row, ...]
    revisions: tuple[Row, ...]


@dataclass(frozen=True)
class OfQuarter:
    """A quarter of the year with its releases, oldest first; none if none was made."""

    quarter: Quarter
    releases: tuple[ReleasedIn, ...]


@dataclass(frozen=True)
class Assessment:
    """The pack. ``release``: the one whose trends it shows. ``board``: the month in which the Board meets next."""

    year: str
    release: str
    board: date
    scorecard: Scorecard
    measures: tuple[InYear, ...]
    quarters: tuple[OfQuarter, ...]

    @property
    def exceptions(self) -> tuple[tuple[Quarter, Row], ...]:
        """The year's exceptions: of each quarter those of its newest release."""
        return tuple(
            (each.quarter, row) for each in self.quarters if each.releases for row in each.releases[-1].exceptions
        )

    @property
    def revisions(self) -> tuple[tuple[str, Row], ...]:
        """The year's revisions, each with the release that made it."""
        return tuple((one.name, row) for each in self.quarters for one in each.releases for row in one.revisions)


def assessment(
    last: Quarter, scorecard: Scorecard, amounts: Held, release: str, releases: Mapping[Quarter, Sequence[ReleasedIn]]
) -> Assessment:
    """Make the pack of a year.

    Args:
        last: the year's fourth quarter.
        scorecard: that of its newest release.
        amounts: what it is made of, hidden amounts as confidential.
        release: the name of that release.
        releases: every release of the year's quarters, oldest first.
    """
    areas = (geography.county(), *geography.csps())
    found = []
    for measure in scorecard.measures:
        lines = scorecard.lines_of(measure)
        told = [InArea(area, lines[area.code], history(scorecard, amounts, measure, area.code)) for area in areas]
        if with_figures := tuple(each for each in told if has_figures(each.line, each.quarters)):
            found.append(InYear(measure, with_figures))
    cycle = business_cycle.cycle()
    return Assessment(
        year=last.financial_year.replace("-", "/"),
        release=release,
        board=cycle.board_after(cycle.papers[PAPER].made_on(last)),
        scorecard=scorecard,
        measures=tuple(found),
        quarters=tuple(
            OfQuarter(quarter, tuple(releases.get(quarter, ()))) for quarter in quarters_between(last.plus(-3), last)
        ),
    )
