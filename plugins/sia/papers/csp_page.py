"""A partnership's report as one web page that needs nothing from elsewhere, and prints well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sia.calendar import format_date
from sia.papers import project_results
from sia.papers.csp_report import Chapter, CspReport, ReportMeasure
from sia.papers.shares import share_text
from sia.presentation import captions, words
from sia.presentation.charts import TrendChart, trend_chart
from sia.presentation.columns import PageColumn, page_cell, page_columns
from sia.presentation.exception_reports import ExceptionText
from sia.presentation.marks import DirectionMark, mark, mark_or_symbol
from sia.presentation.number_format import compared_unit, format_known, unit
from sia.presentation.symbols import NOT_APPLICABLE, SYMBOLS
from sia.presentation.templates import render_page
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.periods import QUARTER
from sia.scorecard.registry import Outlet, Quantity
from sia.statistics.direction import Direction

_SAME_EVERYWHERE = {Direction.NO_CLEAR_TREND, Direction.TOO_FEW, Direction.NOT_ENOUGH_DATA, Direction.HIDDEN}
"""Directions whose explanation is left to the workbook, because it says the same about every measure."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the small multiples: a measure in the partnership.

    ``left_to_years``: whether none of its quarters is published.
    """

    id: str
    title: str
    good_direction: str
    mark: DirectionMark | None
    explanation: str
    key_figures: tuple[tuple[str, str], ...]
    chart: TrendChart | None
    caption: str
    notes: list[str]
    left_to_years: bool


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row of a table: the id by which a panel leads to it, its name, its cells."""

    id: str
    name: str
    cells: tuple[str | DirectionMark, ...]


@dataclass(frozen=True, slots=True)
class PaperHeading:
    """The heading of a column; a column of ``text`` is aligned to the left."""

    name: str
    text: bool = False


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A chapter as the page shows it."""

    title: str
    about: str
    panels: tuple[Panel, ...]
    headings: tuple[PaperHeading, ...]
    figures: tuple[PaperRow, ...]
    quarters: tuple[PaperRow, ...]
    district_headings: tuple[str, ...]
    districts: tuple[PaperRow, ...]
    without_figures: str
    without_panels: str


def page(report: CspReport) -> bytes:
    """The page as UTF-8 HTML."""
    scorecard, restriction = report.scorecard, report.restriction
    return render_page(
        "csp-report.html.j2",
        "papers.css",
        running=running(report),
        restriction=restriction,
        publisher=scorecard.publisher,
        title=f"{report.csp.name}: performance report",
        period=scorecard.quarter.label,
        months=QUARTER.heading(scorecard.quarter),
        kind=captions.kind(scorecard),
        release=report.release,
        as_of=format_date(scorecard.as_of),
        board=f"{report.board:%B %Y}",
        banners=banners(report),
        short_name=report.csp.short_name,
        parts=[_part(report, chapter) for chapter in report.chapters],
        quarters=[past.quarter.label for past in scorecard.lines[0].history],
        projects_title=project_results.TITLE,
        about_projects=project_results.ABOUT,
        projects=project_results.project_results(scorecard, report.area_codes),
        exceptions=[(text, is_hidden(report, text)) for text in report.exceptions],
        hidden_directions=_hidden_directions(report),
        revisions=report.revisions,
        about=about(report),
    )


def running(report: CspReport) -> str:
    """What every printed page and sheet says: the marking, the title, the edition, the day."""
    text = captions.running(report.scorecard, f"{report.csp.name}: performance report", report.release)
    return f"RESTRICTED. Do not pass on. {text}" if report.restriction else text


def about(report: CspReport) -> tuple[str, ...]:
    """Every note on how the figures are made."""
    return captions.about(report.scorecard) if report.restriction else captions.about_paper(report.scorecard)


def banners(report: CspReport) -> tuple[str, ...]:
    """What a reader must know before any figure."""
    public = captions.banners(report.scorecard)
    if report.restriction is None:
        return public
    return (
        f"Restricted: small numbers of {report.csp.name} are shown, by agreement {report.restriction.agreement}. "
        "Do not pass this report on. The public edition hides them.",
        f"Numbers of other areas are hidden and marked [c], and those of {report.csp.name} that would reveal one.",
        *public[1:],
    )


def _hidden_directions(report: CspReport) -> int:
    """Of how many measures small numbers hide whether they are an exception. How many are would tell too much."""
    return report.scorecard.hidden_directions_of({report.csp.code})


def is_hidden(report: CspReport, text: ExceptionText) -> bool:
    """Whether the release hides an exception, so that only a restricted edition has it."""
    hidden = report.restriction.hidden_exceptions if report.restriction else ()
    return (text.measure.id, report.csp.code) in hidden


def _part(report: CspReport, chapter: Chapter) -> ReportPart:
    scorecard, measures = report.scorecard, [entry.measure for entry in chapter.measures]
    columns = page_columns(scorecard.statistics, Outlet.CSP_REPORT, measures, scorecard.quarter)
    headings = (
        PaperHeading("Direction of travel", text=True),
        *(PaperHeading(column.heading) for column in columns),
        PaperHeading("Share, 12 months", text=True),
        PaperHeading(f"Compared with {scorecard.areas.county.name}", text=True),
        PaperHeading("Place, highest first", text=True),
    )
    panels = [_panel(report, entry) for entry in chapter.measures]
    used, figures = _used(headings, [_figures(report, chapter, entry, columns) for entry in chapter.measures])
    of_districts = page_columns(scorecard.statistics, Outlet.DISTRICTS, measures, scorecard.quarter)
    places = (*report.districts, report.csp) if report.districts else ()
    return ReportPart(
        title=chapter.section.title,
        about=chapter.section.about,
        panels=tuple(panel for panel in panels if _has_content(panel)),
        headings=used,
        figures=figures,
        quarters=tuple(
            row for entry in chapter.measures if not entry.line.is_left_to_years for row in _quarters(entry)
        ),
        district_headings=tuple(f"{area.short_name}, {column.heading}" for area in places for column in of_districts),
        districts=tuple(
            PaperRow(
                f"districts-{entry.measure.id}",
                entry.measure.title,
                tuple(
                    page_cell(entry.measure, entry.lines[area.code], column)
                    for area in places
                    for column in of_districts
                ),
            )
            for entry in chapter.measures
            if places
        ),
        without_figures=", ".join(measure.title for measure in chapter.without_figures),
        without_panels=", ".join(panel.title for panel in panels if not _has_content(panel)),
    )


def _has_content(panel: Panel) -> bool:
    """Whether there is anything on a panel but that there is nothing."""
    return panel.chart is not None or bool(panel.key_figures)


def _panel(report: CspReport, entry: ReportMeasure) -> Panel:
    measure, travel, scorecard = entry.measure, entry.line.direction, report.scorecard
    chart = trend_chart(scorecard, measure, report.csp.code)
    # Where quarters are too small to show, years may not be.
    outlet = Outlet.DISTRICTS if chart else Outlet.CSP_REPORT
    columns = page_columns(scorecard.statistics, outlet, [measure], scorecard.quarter)
    figures = [(column.heading, page_cell(measure, entry.line, column)) for column in columns]
    return Panel(
        id=measure.id,
        title=measure.title,
        good_direction=words.good_direction(
            scorecard.good_directions[measure.id], under_reported=measure.under_reported
        ),
        mark=mark(travel) if travel else None,
        explanation=_explanation(travel) if travel else "",
        key_figures=tuple((heading, figure) for heading, figure in figures if chart or figure not in SYMBOLS),
        chart=chart,
        caption=f"By quarter: {compared_unit(measure)}",
        notes=captions.paper_notes(scorecard, measure, report.csp.code),
        left_to_years=entry.line.is_left_to_years,
    )


def _explanation(travel: DirectionOfTravel) -> str:
    """Why a direction is what it is, unless it says the same everywhere, and what it means for a target."""
    return words.on_target(travel) if travel.direction in _SAME_EVERYWHERE else words.explanation(travel)


def _used(
    headings: Sequence[PaperHeading], rows: Sequence[PaperRow]
) -> tuple[tuple[PaperHeading, ...], tuple[PaperRow, ...]]:
    """The columns that apply to any row, and the rows with those alone."""
    kept = [number for number in range(len(headings)) if any(row.cells[number] != NOT_APPLICABLE for row in rows)]
    return (
        tuple(headings[number] for number in kept),
        tuple(replace(row, cells=tuple(row.cells[number] for number in kept)) for row in rows),
    )


def _figures(report: CspReport, chapter: Chapter, entry: ReportMeasure, columns: Sequence[PageColumn]) -> PaperRow:
    comparison = entry.line.comparison
    return PaperRow(
        entry.measure.id,
        entry.measure.title,
        (
            mark_or_symbol(entry.line.direction),
            *(page_cell(entry.measure, entry.line, column) for column in columns),
            chapter_share(report, chapter, entry),
            words.compared_with_county(comparison),
            words.place(comparison),
        ),
    )


def chapter_share(report: CspReport, chapter: Chapter, entry: ReportMeasure) -> str:
    """The partnership's share of a measure, in a chapter that shows shares."""
    if not chapter.section.shares:
        return NOT_APPLICABLE
    of_service = entry.measure.id in chapter.section.of_service
    return share_text(entry.measure, entry.lines, report.csp, report.scorecard.areas, of_service=of_service)


def _quarters(entry: ReportMeasure) -> Iterator[PaperRow]:
    """What a panel's chart shows, quarter by quarter; where that is a rate, the number comes before it."""
    measure, history = entry.measure, entry.line.history
    yield PaperRow(
        f"data-{measure.id}",
        f"{measure.title} ({unit(measure)})",
        tuple(format_known(measure, Quantity.FIGURE, past.figure, past.status) for past in history),
    )
    if measure.has_rate:
        yield PaperRow(
            f"rate-{measure.id}",
            f"{measure.title} ({compared_unit(measure)})",
            tuple(format_known(measure, Quantity.COMPARED_VALUE, past.value, past.status) for past in history),
        )
