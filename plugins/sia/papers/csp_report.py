"""A partnership's quarterly performance report: what stands in it, made of one release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sia import geography
from sia.geography import Area
from sia.papers.history import Quarterly, Row, has_figures, history
from sia.registers import business_cycle
from sia.registers.measures import Measure
from sia.registers.report_sections import ReportSection, sections
from sia.scorecard.amounts import Held
from sia.scorecard.scorecard import Line, Scorecard

PAPER = "csp_report"


@dataclass(frozen=True)
class Told:
    """A measure of the report: its lines by area, and its last eight quarters in the partnership."""

    measure: Measure
    lines: dict[str, Line]
    quarters: tuple[Quarterly, ...]


@dataclass(frozen=True)
class Chapter:
    """A section: the measures that have figures, and those that have none."""

    section: ReportSection
    told: tuple[Told, ...]
    without: tuple[Measure, ...]


@dataclass(frozen=True)
class Report:
    """The report of a partnership.

    ``districts``: the districts that it joins; none where it is one district. ``board``: the month in which the Board
    meets next. ``exceptions`` and ``revisions``: the rows of the release's own files that are about the partnership.
    """

    csp: Area
    districts: tuple[Area, ...]
    release: str
    board: date
    scorecard: Scorecard
    amounts: Held
    chapters: tuple[Chapter, ...]
    exceptions: tuple[Row, ...]
    revisions: tuple[Row, ...]


def report(
    csp: Area,
    scorecard: Scorecard,
    amounts: Held,
    release: str,
    exceptions: Iterable[Row],
    revisions: Iterable[Row],
    contents: Sequence[ReportSection] | None = None,
) -> Report:
    """Make the report of a partnership.

    Args:
        csp: the partnership.
        scorecard: the released one.
        amounts: what it is made of, hidden amounts as confidential.
        release: the release's name.
        exceptions: the rows of its exceptions.
        revisions: the rows of its revision note.
        contents: the sections; those of the register if none are given.
    """
    quarter = scorecard.quarter
    areas = geography.areas()
    codes = csp.member_codes(quarter.start)
    own = {csp.code, *codes}
    return Report(
        csp=csp,
        districts=tuple(areas[code] for code in codes) if len(codes) > 1 else (),
        release=release,
        board=business_cycle.cycle().board_after(business_cycle.cycle().papers[PAPER].made_on(quarter)),
        scorecard=scorecard,
        amounts=amounts,
        chapters=tuple(_chapter(scorecard, amounts, csp, section) for section in contents or sections()),
        exceptions=tuple(row for row in exceptions if row["area_code"] == csp.code),
        revisions=tuple(row for row in revisions if row["area_code"] in own),
    )


def _chapter(scorecard: Scorecard, amounts: Held, csp: Area, section: ReportSection) -> Chapter:
    found = [
        Told(
            measure,
            scorecard.lines_of(measure),
            history(scorecard, amounts, measure, csp.code),
        )
        for measure in section.measures
    ]
    with_figures = [each for each in found if has_figures(each.lines[csp.code], each.quarters)]
    return Chapter(
        section,
        tuple(with_figures),
        tuple(each.measure for each in found if each not in with_figures),
    )
