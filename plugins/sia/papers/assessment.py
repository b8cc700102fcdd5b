"""The pack for the annual Strategic Intelligence Assessment: a financial year in the county and its partnerships.

Trends are those of the newest release of the year's fourth quarter. Exceptions and revisions are those of all of the
year's releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sia.calendar import Quarter, quarters_between
from sia.geography import Area
from sia.papers.csp_report import has_figures
from sia.presentation.exception_reports import ExceptionText, exception_text
from sia.registers.measures import Measure
from sia.release.release_data import ReleaseData
from sia.release.revision import RevisionLine
from sia.scorecard.boundaries import Boundaries
from sia.scorecard.line import Line
from sia.scorecard.scorecard import Scorecard

PAPER = "assessment"


@dataclass(frozen=True)
class AssessedMeasure:
    """A measure with its lines in the county and its partnerships; areas without any figure are left out."""

    measure: Measure
    lines: tuple[tuple[Area, Line], ...]


@dataclass(frozen=True)
class QuarterReleases:
    """A quarter of the year with its releases, oldest first; none if none was made."""

    quarter: Quarter
    releases: tuple[ReleaseData, ...]


@dataclass(frozen=True)
class Assessment:
    """The pack. ``release``: the one whose trends it shows. ``board``: the month in which the Board next meets."""

    year: str
    release: str
    board: date
    scorecard: Scorecard
    measures: tuple[AssessedMeasure, ...]
    quarters: tuple[QuarterReleases, ...]
    boundaries: Boundaries | None

    @property
    def exceptions(self) -> list[tuple[Quarter, ExceptionText]]:
        """The year's exceptions: for each quarter those of its newest release."""
        return [
            (entry.quarter, exception_text(newest.scorecard, report))
            for entry in self.quarters
            for newest in entry.releases[-1:]
            for report in newest.exceptions
        ]

    @property
    def revisions(self) -> list[tuple[str, RevisionLine]]:
        """The year's revisions, each with the name of the release that made it."""
        return [
            (release.name, line) for entry in self.quarters for release in entry.releases for line in release.changes
        ]


def assessment(last: Quarter, releases: Mapping[Quarter, Sequence[ReleaseData]], board: date) -> Assessment:
    """Make the pack of a year.

    Args:
        last: the year's fourth quarter.
        releases: every release of the year's quarters, oldest first; there is at least one of the last.
        board: the month in which the Board next meets.
    """
    newest = releases[last][-1]
    scorecard = newest.scorecard
    areas = (scorecard.areas.county, *scorecard.areas.csps)
    measures = []
    for measure in scorecard.measures:
        lines = tuple((area, line) for area in areas if has_figures(line := scorecard.line(measure.id, area.code)))
        if lines:
            measures.append(AssessedMeasure(measure, lines))
    return Assessment(
        year=last.financial_year.replace("-", "/"),
        release=newest.name,
        board=board,
        scorecard=scorecard,
        measures=tuple(measures),
        quarters=tuple(
            QuarterReleases(quarter, tuple(releases.get(quarter, ())))
            for quarter in quarters_between(last.plus(-3), last)
        ),
        boundaries=newest.boundaries,
    )
