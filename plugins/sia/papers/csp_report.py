"""A partnership's quarterly performance report: its contents, from one release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sia.geography import Area
from sia.presentation.exception_reports import ExceptionText, exception_text
from sia.registers.measures import Measure
from sia.registers.report_sections import ReportSection
from sia.release.release_data import ReleaseData
from sia.release.revision import RevisionLine
from sia.scorecard.amounts import Place
from sia.scorecard.line import Line
from sia.scorecard.scorecard import Scorecard

PAPER = "csp_report"


@dataclass(frozen=True)
class ReportMeasure:
    """A measure of the report: its lines by area, and its line in the partnership."""

    measure: Measure
    lines: Mapping[str, Line]
    line: Line


@dataclass(frozen=True)
class Chapter:
    """A section of the register: the measures that have figures, and those that have none."""

    section: ReportSection
    measures: tuple[ReportMeasure, ...]
    without_figures: tuple[Measure, ...]


@dataclass(frozen=True)
class Restriction:
    """What lets a report show small numbers: the agreement, its readers, and the exceptions that a release hides."""

    agreement: str
    readers: tuple[str, ...]
    hidden_exceptions: frozenset[Place]


@dataclass(frozen=True)
class CspReport:
    """The report of a partnership.

    ``districts``: its districts; none where it is one district. ``area_codes``: its own and its districts'.
    ``board``: the month in which the Board next meets. ``exceptions`` and ``revisions``: those of the release that are
    about the partnership. ``restriction``: that of a restricted edition.
    """

    csp: Area
    districts: tuple[Area, ...]
    area_codes: frozenset[str]
    release: str
    board: date
    scorecard: Scorecard
    chapters: tuple[Chapter, ...]
    exceptions: tuple[ExceptionText, ...]
    revisions: tuple[RevisionLine, ...]
    restriction: Restriction | None = None


def csp_report(
    csp: Area,
    data: ReleaseData,
    sections: Sequence[ReportSection],
    board: date,
    restriction: Restriction | None = None,
) -> CspReport:
    """Make the report of a partnership.

    Args:
        csp: the partnership.
        data: the release.
        sections: the sections of the report.
        board: the month in which the Board next meets.
        restriction: that of a restricted edition.
    """
    scorecard = data.scorecard
    codes = csp.member_codes(scorecard.quarter.start)
    own = frozenset({csp.code, *codes})
    return CspReport(
        csp=csp,
        districts=tuple(scorecard.areas[code] for code in codes) if len(codes) > 1 else (),
        area_codes=own,
        release=data.name,
        board=board,
        scorecard=scorecard,
        chapters=tuple(_chapter(scorecard, csp, section) for section in _priorities_first(scorecard, csp, sections)),
        exceptions=tuple(
            exception_text(scorecard, report) for report in data.exceptions if report.area_code == csp.code
        ),
        revisions=tuple(line for line in data.changes if line.area_code in own),
        restriction=restriction,
    )


def _priorities_first(scorecard: Scorecard, csp: Area, sections: Sequence[ReportSection]) -> list[ReportSection]:
    """The sections, after one of the partnership's priorities, each of which is in no other."""
    ids = tuple(measure.id for measure in scorecard.measures if csp.code in measure.priority_of)
    if not ids:
        return [*sections]
    of_service = tuple(dict.fromkeys(measure for section in sections for measure in section.of_service))
    first = ReportSection(
        title="Local priorities",
        about=f"What {csp.name} chose to put first.",
        shares=any(section.shares for section in sections),
        of_service=tuple(measure for measure in of_service if measure in ids),
        measures=ids,
    )
    others = [
        section.model_copy(update={"ids": kept})
        for section in sections
        if (kept := tuple(measure for measure in section.ids if measure not in ids))
    ]
    return [first, *others]


def has_figures(line: Line) -> bool:
    """Whether anything is known in any period or quarter that is shown; what is hidden is known."""
    return not line.is_empty or any(past.is_known for past in line.history)


def _chapter(scorecard: Scorecard, csp: Area, section: ReportSection) -> Chapter:
    ids = {measure.id for measure in scorecard.measures}
    measures = [
        ReportMeasure(scorecard.measure(measure_id), lines, lines[csp.code])
        for measure_id in section.ids
        if measure_id in ids
        for lines in [scorecard.lines_of(scorecard.measure(measure_id))]
    ]
    return Chapter(
        section,
        tuple(entry for entry in measures if has_figures(entry.line)),
        tuple(entry.measure for entry in measures if not has_figures(entry.line)),
    )
