"""A partnership's report as one web page that needs nothing from elsewhere, and prints clean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from sia.calendar import quarters_between
from sia.geography import Area
from sia.papers.csp_report import Chapter, Report, Told
from sia.papers.history import share_told, told
from sia.papers.method import method
from sia.presentation import captions
from sia.presentation.captions import Periods
from sia.presentation.charts import Trend, trend
from sia.presentation.direction_labels import Mark, because, beside_county, mark, place
from sia.presentation.figures import NOT_APPLICABLE, SYMBOLS, compared_as, good_direction, shown, unit
from sia.presentation.templates import environment, style
from sia.scorecard.amounts import QUARTERS_SHOWN
from sia.statistics.direction import Direction

_NOTHING_FIRED = {Direction.NO_CHANGE, Direction.NOT_ENOUGH_DATA}
"""Directions whose reason is the same wherever they stand; the workbook gives it."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the small multiples: a measure in the partnership."""

    id: str
    title: str
    good_direction: str
    mark: Mark
    because: str
    key_figures: tuple[tuple[str, str], ...]
    picture: Trend | None
    caption: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: the id by which a panel leads to it, what it is about, its cells."""

    id: str
    name: str
    cells: tuple[str | Mark, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; one of ``words`` is told from the left."""

    text: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it stands on the page."""

    title: str
    about: str
    panels: tuple[Panel, ...]
    headings: tuple[Heading, ...]
    figures: tuple[TableRow, ...]
    quarters: tuple[TableRow, ...]
    districts: tuple[TableRow, ...]
    without: str


def page(report: Report) -> bytes:
    """The page as UTF-8 HTML."""
    scorecard = report.scorecard
    names = captions.periods(scorecard.quarter)
    sheet = style("papers.css")
    first = scorecard.quarter.plus(1 - QUARTERS_SHOWN)
    html = (
        environment()
        .get_template("csp-report.html.j2")
        .render(
            title=f"{report.csp.name}: performance report",
            quarter=scorecard.quarter,
            periods=names,
            release=report.release,
            as_of=captions.day(scorecard.as_of),
            board=f"{report.board:%B %Y}",
            banners=captions.banners(scorecard),
            short=_short(report.csp),
            districts=[area.name for area in report.districts],
            parts=[_part(report, chapter, names) for chapter in report.chapters],
            quarters=[quarter.label for quarter in quarters_between(first, scorecard.quarter)],
            exceptions=report.exceptions,
            revisions=report.revisions,
            symbols=SYMBOLS,
            method=method(scorecard),
            style=Markup(sheet.text),  # noqa: S704 - our own file
            style_hash=sheet.digest,
        )
    )
    return html.encode()


def _short(area: Area) -> str:
    return area.name.removesuffix(" CSP")


def _part(report: Report, chapter: Chapter, names: Periods) -> Part:
    headings, figures = _used(_headings(names), [_figures(report, chapter, each) for each in chapter.told])
    return Part(
        title=chapter.section.title,
        about=chapter.section.about,
        panels=tuple(_panel(report, each, names) for each in chapter.told),
        headings=headings,
        figures=figures,
        quarters=tuple(row for each in chapter.told for row in _quarters(each)),
        districts=tuple(_districts(report, each) for each in chapter.told) if report.districts else (),
        without=", ".join(measure.title for measure in chapter.without),
    )


def _panel(report: Report, each: Told, names: Periods) -> Panel:
    measure, code = each.measure, report.csp.code
    line, travel = each.lines[code], report.scorecard.travel[measure.id, code]
    figures = [
        (names.quarter, shown(measure, line, "quarter_figure")),
        (names.year, shown(measure, line, "year_figure")),
        (names.year_before, shown(measure, line, "year_before_figure")),
    ]
    return Panel(
        id=measure.id,
        title=measure.title,
        good_direction=good_direction(measure, report.scorecard.good[measure.id]),
        mark=mark(travel),
        because="" if travel.verdict.direction in _NOTHING_FIRED else because(travel),
        key_figures=tuple(figures),
        picture=trend(report.scorecard, measure, code),
        caption=f"By quarter: {compared_as(measure)}",
        notes=tuple(note for note in (measure.note,) if note),
    )


def _headings(names: Periods) -> tuple[Heading, ...]:
    return (
        Heading("Direction of travel", words=True),
        Heading(names.quarter),
        Heading(names.last_year),
        Heading("Change"),
        Heading(names.year),
        Heading(names.year_before),
        Heading("Change over the year"),
        Heading("Share, 12 months", words=True),
        Heading("Beside Oxfordshire", words=True),
        Heading("Place, highest first", words=True),
    )


def _used(headings: Sequence[Heading], rows: Sequence[TableRow]) -> tuple[tuple[Heading, ...], tuple[TableRow, ...]]:
    """The columns that apply to any row, and the rows with those alone."""
    kept = [number for number in range(len(headings)) if any(row.cells[number] != NOT_APPLICABLE for row in rows)]
    return (
        tuple(headings[number] for number in kept),
        tuple(replace(row, cells=tuple(row.cells[number] for number in kept)) for row in rows),
    )


def _figures(report: Report, chapter: Chapter, each: Told) -> TableRow:
    measure, line = each.measure, each.lines[report.csp.code]
    beside = report.scorecard.beside.get((measure.id, report.csp.code))
    of_service = measure.id in chapter.section.of_service
    return TableRow(
        measure.id,
        measure.title,
        (
            mark(report.scorecard.travel[measure.id, report.csp.code]),
            shown(measure, line, "quarter_figure"),
            shown(measure, line, "last_year_figure"),
            _change(each, report.csp.code, ""),
            shown(measure, line, "year_figure"),
            shown(measure, line, "year_before_figure"),
            _change(each, report.csp.code, "year_"),
            share_told(measure, each.lines, report.csp, of_service=of_service)
            if chapter.section.shares
            else NOT_APPLICABLE,
            beside_county(beside),
            place(beside),
        ),
    )


def _change(each: Told, code: str, prefix: str) -> str:
    """The change, and in brackets in per cent where that is shown."""
    change = shown(each.measure, each.lines[code], f"{prefix}change")
    per_cent = shown(each.measure, each.lines[code], f"{prefix}change_percent")
    return change if per_cent.startswith("[") or change == "no change" else f"{change} ({per_cent})"


def _quarters(each: Told) -> Iterable[TableRow]:
    """What a panel's picture shows, quarter by quarter; where that is a rate, the number stands before it."""
    measure = each.measure
    yield TableRow(
        f"data-{measure.id}",
        f"{measure.title} ({unit(measure)})",
        tuple(told(measure, one) for one in each.quarters),
    )
    if measure.has_rate:
        name = f"{measure.title} ({compared_as(measure)})"
        yield TableRow(f"rate-{measure.id}", name, tuple(told(measure, one, compared=True) for one in each.quarters))


def _districts(report: Report, each: Told) -> TableRow:
    return TableRow(
        f"districts-{each.measure.id}",
        each.measure.title,
        tuple(
            shown(each.measure, each.lines[area.code], column)
            for area in (*report.districts, report.csp)
            for column in ("quarter_figure", "year_figure")
        ),
    )
