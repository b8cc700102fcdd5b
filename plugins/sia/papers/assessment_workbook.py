"""The assessment pack as an accessible workbook: releases, a sheet for each theme, exceptions, revisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sia.calendar import LONDON, format_date
from sia.papers.annual_figures import annual_rate, annual_value
from sia.papers.assessment import AssessedMeasure, Assessment
from sia.papers.paper_sheets import (
    FIRST,
    exception_sheet,
    history_cells,
    paper_front,
    paper_notes,
    revision_sheet,
    titled,
)
from sia.papers.project_results import project_results, projects_sheet
from sia.presentation.accessible_workbook import WIDE, FormattedCell, WorkbookSheet, figure_cell, put_together
from sia.presentation.columns import heading, statistics_for
from sia.presentation.number_format import compared_unit, unit
from sia.presentation.peer_tables import peer_tables
from sia.presentation.scorecard_workbook import judged_cells, judged_headings, peer_sheet, statistic_notes
from sia.presentation.symbols import NOT_APPLICABLE, NOT_AVAILABLE
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.registry import YEAR_FIGURE, Outlet, Quantity, Statistic
from sia.scorecard.scorecard import Scorecard
from sia.statistics.intervals import half_up

_NONE: FormattedCell = (NOT_APPLICABLE, "General")


def workbook(pack: Assessment) -> bytes:
    """The workbook as xlsx; the same pack gives the same bytes."""
    scorecard, sheets = pack.scorecard, list(_sheets(pack))
    front = paper_front(
        scorecard,
        "Strategic Intelligence Assessment: performance pack",
        pack.year,
        f"A financial year in {scorecard.areas.county.name} and its Community Safety Partnerships",
        f"Trends from release {pack.release} of the scorecard, figures as known on {format_date(scorecard.as_of)}."
        f" Exceptions and revisions from each of the year's releases. For the Board's meeting of {pack.board:%B %Y}.",
    )
    notes = paper_notes(scorecard, sheets, [entry.measure for entry in pack.measures])
    return put_together(front, sheets, notes | {table.note: table.note for table in peer_tables(scorecard)})


def _sheets(pack: Assessment) -> Iterator[WorkbookSheet]:
    yield _releases(pack)
    for theme in dict.fromkeys(entry.measure.theme for entry in pack.measures):
        yield _theme(pack, theme)
    for table in peer_tables(pack.scorecard):
        yield peer_sheet(table)
    if results := project_results(pack.scorecard, pack.scorecard.areas):
        yield projects_sheet(results)
    if exceptions := [((quarter.label,), text) for quarter, text in pack.exceptions]:
        yield exception_sheet("Exceptions of the year", exceptions, ("Quarter",))
    if revisions := [((name,), line) for name, line in pack.revisions]:
        yield revision_sheet("Revisions of the year", revisions, ("Release",))


def _releases(pack: Assessment) -> WorkbookSheet:
    sheet = WorkbookSheet(
        "Releases",
        f"Releases of {pack.year}",
        ("Quarter", "Release", "Prepared on", "Counts hidden"),
        (FIRST, 26, 26, 18),
    )
    for entry in pack.quarters:
        for release in entry.releases:
            known_on = format_date(release.known_at.astimezone(LONDON).date())
            sheet.add((entry.quarter.label, release.name, known_on, release.suppressed))
        if not entry.releases:
            sheet.add((entry.quarter.label, "No release was made", NOT_AVAILABLE, NOT_AVAILABLE))
    return sheet


def _theme(pack: Assessment, theme: str) -> WorkbookSheet:
    scorecard = pack.scorecard
    entries = [entry for entry in pack.measures if entry.measure.theme == theme]
    statistics = statistics_for(scorecard.statistics, Outlet.ASSESSMENT, [entry.measure for entry in entries])
    labels = [past.quarter.label for past in scorecard.lines[0].history]
    judged = judged_headings(scorecard)[:2]
    sheet = WorkbookSheet(
        theme,
        f"{theme}, {pack.year}",
        (
            "Measure",
            "Area",
            "Unit",
            *judged,
            *labels,
            *(heading(statistic, scorecard.quarter) for statistic in statistics),
        ),
        (WIDE, 28, 26, 20, WIDE, *[14] * (len(labels) + len(statistics))),
        statistic_notes(statistics, scorecard) | {"Unit": "population", judged[0]: "direction"},
    )
    for entry in entries:
        _add(sheet, scorecard, entry, statistics)
    return sheet


def _add(sheet: WorkbookSheet, scorecard: Scorecard, entry: AssessedMeasure, statistics: Sequence[Statistic]) -> None:
    measure = entry.measure
    for area, line in entry.lines:
        judged = judged_cells(line)[:2]
        figures = [figure_cell(measure, line, statistic) for statistic in statistics]
        sheet.add(
            (titled(scorecard, measure), area.name, unit(measure), *judged),
            [*history_cells(measure, Quantity.FIGURE, line), *figures],
        )
        if measure.has_rate:
            rates = history_cells(measure, Quantity.COMPARED_VALUE, line)
            yearly = [_annual(measure, line) if statistic.id == YEAR_FIGURE.id else _NONE for statistic in statistics]
            sheet.add((titled(scorecard, measure), area.name, compared_unit(measure), *judged), [*rates, *yearly])


def _annual(measure: Measure, line: Line) -> FormattedCell:
    """The annual rate, or the symbol that says why there is none."""
    value = annual_rate(measure, line)
    return (annual_value(measure, line), "General") if value is None else (float(half_up(value, 2)), "#,##0.00")
