"""A partnership's report as an accessible workbook: a sheet for each section, quarters, districts, exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sia.calendar import format_date
from sia.papers.csp_page import about, banners, chapter_share, is_hidden, running
from sia.papers.csp_report import Chapter, CspReport, ReportMeasure
from sia.papers.paper_sheets import exception_sheet, history_cells, paper_front, paper_notes, revision_sheet, titled
from sia.papers.project_results import project_results, projects_sheet
from sia.presentation.accessible_workbook import WIDE, WorkbookSheet, figure_cell, legend, put_together
from sia.presentation.columns import heading, statistics_for
from sia.presentation.number_format import compared_unit, unit
from sia.presentation.scorecard_workbook import judged_cells, judged_headings, statistic_notes
from sia.presentation.symbols import SYMBOLS
from sia.scorecard.registry import Outlet, Quantity


def workbook(report: CspReport) -> bytes:
    """The workbook as xlsx; the same report gives the same bytes."""
    scorecard, sheets = report.scorecard, list(_sheets(report))
    measures = [entry.measure for chapter in report.chapters for entry in chapter.measures]
    restriction = report.restriction
    front = paper_front(
        scorecard,
        f"{report.csp.name}: performance report{', restricted edition' if restriction else ''}",
        scorecard.quarter.label,
        f"{', '.join(chapter.section.title for chapter in report.chapters)}: {report.csp.name}",
        f"Release {report.release} of the scorecard, figures as known on {format_date(scorecard.as_of)}."
        f" For the Board's meeting of {report.board:%B %Y}.",
    )
    if restriction:
        readers = f"Only these may read it: {'; '.join(restriction.readers)}. Agreement: {restriction.agreement}."
        front = replace(
            front,
            intro=(*banners(report), readers, front.intro[-1]),
            about=(*about(report), *legend(SYMBOLS)),
            warnings=(running(report), *front.warnings[1:]),
            comments=" ".join(banners(report)),
        )
    return put_together(front, sheets, paper_notes(scorecard, sheets, measures, report.csp.code))


def _sheets(report: CspReport) -> Iterator[WorkbookSheet]:
    label = report.scorecard.quarter.label
    with_figures = [(chapter, entry) for chapter in report.chapters for entry in chapter.measures]
    for chapter in report.chapters:
        if chapter.measures:
            yield _chapter(report, chapter)
    if with_figures:
        yield _quarters(report, with_figures)
    if with_figures and report.districts:
        yield _districts(report, with_figures)
    without = [(chapter.section.title, measure) for chapter in report.chapters for measure in chapter.without_figures]
    if without:
        sheet = WorkbookSheet(
            "Without figures", "Measures without figures in two years", ("Measure", "Section", "Sender"), (WIDE, 36, 40)
        )
        for section, measure in without:
            sheet.add((measure.title, section, measure.source_name))
        yield sheet
    if results := project_results(report.scorecard, report.area_codes):
        yield projects_sheet(results)
    if report.exceptions:
        yield _exceptions(report)
    if report.revisions:
        yield revision_sheet(f"Revisions, {label}", [((), line) for line in report.revisions])


def _chapter(report: CspReport, chapter: Chapter) -> WorkbookSheet:
    scorecard = report.scorecard
    statistics = statistics_for(scorecard.statistics, Outlet.CSP_REPORT, [entry.measure for entry in chapter.measures])
    judged = judged_headings(scorecard)
    sheet = WorkbookSheet(
        chapter.section.title,
        f"{chapter.section.title}: {report.csp.name}, {scorecard.quarter.label}",
        (
            "Measure",
            "Unit",
            *judged,
            "Share of the 12 months",
            *(heading(statistic, scorecard.quarter) for statistic in statistics),
        ),
        (WIDE, 22, 20, WIDE, 22, 16, 22, *[14] * len(statistics)),
        statistic_notes(statistics, scorecard) | {judged[0]: "direction", judged[2]: "comparison"},
    )
    for entry in chapter.measures:
        sheet.add(
            (
                titled(report.scorecard, entry.measure, report.csp.code),
                unit(entry.measure),
                *judged_cells(entry.line),
                chapter_share(report, chapter, entry),
            ),
            [figure_cell(entry.measure, entry.line, statistic) for statistic in statistics],
        )
    return sheet


def _quarters(report: CspReport, with_figures: list[tuple[Chapter, ReportMeasure]]) -> WorkbookSheet:
    labels = [past.quarter.label for past in with_figures[0][1].line.history]
    sheet = WorkbookSheet(
        "Quarter by quarter",
        f"Quarter by quarter: {report.csp.name}",
        ("Measure", "Section", "Unit", *labels),
        (WIDE, 32, 28, *[14] * len(labels)),
        {"Unit": "population"},
    )
    for chapter, entry in with_figures:
        measure, about = (
            entry.measure,
            (titled(report.scorecard, entry.measure, report.csp.code), chapter.section.title),
        )
        sheet.add((*about, unit(measure)), history_cells(measure, Quantity.FIGURE, entry.line))
        if measure.has_rate:
            rates = history_cells(measure, Quantity.COMPARED_VALUE, entry.line)
            sheet.add((*about, compared_unit(measure)), rates)
    return sheet


def _districts(report: CspReport, with_figures: list[tuple[Chapter, ReportMeasure]]) -> WorkbookSheet:
    scorecard = report.scorecard
    statistics = statistics_for(scorecard.statistics, Outlet.DISTRICTS, [entry.measure for _, entry in with_figures])
    places = [(area, statistic) for area in (*report.districts, report.csp) for statistic in statistics]
    sheet = WorkbookSheet(
        "Districts",
        f"The districts of {report.csp.name}",
        (
            "Measure",
            "Section",
            "Unit",
            *(f"{area.name}, {heading(statistic, scorecard.quarter)}" for area, statistic in places),
        ),
        (WIDE, 32, 22, *[18] * len(places)),
    )
    for chapter, entry in with_figures:
        sheet.add(
            (titled(report.scorecard, entry.measure, report.csp.code), chapter.section.title, unit(entry.measure)),
            [figure_cell(entry.measure, entry.lines[area.code], statistic) for area, statistic in places],
        )
    return sheet


def _exceptions(report: CspReport) -> WorkbookSheet:
    title = f"Exceptions, {report.scorecard.quarter.label}"
    if report.restriction is None:
        return exception_sheet(title, [((), text) for text in report.exceptions])
    texts = [(("hidden" if is_hidden(report, text) else "shown",), text) for text in report.exceptions]
    return exception_sheet(title, texts, ("In the public edition",))
