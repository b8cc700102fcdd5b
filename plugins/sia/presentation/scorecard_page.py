"""The scorecard as one web page that needs nothing from elsewhere: no script, font, picture or style sheet.

The page carries its own Content-Security-Policy, which allows its one style sheet by hash and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sia.calendar import format_date
from sia.geography import Area, AreaType
from sia.presentation import captions, words
from sia.presentation.charts import DotPlot, TrendChart, dot_plot, trend_chart
from sia.presentation.columns import PageColumn, key_figures, page_cell, page_columns
from sia.presentation.marks import DirectionMark, mark, mark_or_symbol
from sia.presentation.number_format import format_figure
from sia.presentation.peer_tables import peer_tables
from sia.presentation.symbols import SYMBOLS
from sia.presentation.templates import render_page
from sia.presentation.tidy_csv import columns as data_columns
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.line import Line
from sia.scorecard.periods import LAST_YEAR, QUARTER
from sia.scorecard.registry import CHANGE, CHANGE_PERCENT, QUARTER_FIGURE, QUARTER_NUMBER, Outlet
from sia.scorecard.scorecard import Scorecard

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area in a measure's table."""

    name: str
    code: str
    cells: tuple[str | DirectionMark, ...]
    incomplete: bool
    priority: bool


@dataclass(frozen=True, slots=True)
class AreaGroup:
    """Rows of a table under a heading of their own."""

    title: str
    rows: tuple[AreaRow, ...]


@dataclass(frozen=True, slots=True)
class ExplainedArea:
    """Why an area's direction is what it is, and how the area compares with the county and the partnerships."""

    name: str
    mark: DirectionMark
    explanation: str
    compared_with_county: str
    place: str


@dataclass(frozen=True, slots=True)
class MeasureCard:
    """What the page says about a measure that has figures."""

    measure: Measure
    good: str
    good_direction: str
    area: str
    key_figures: list[tuple[str, str]]
    priority_of: str
    comparison: DotPlot | None
    trend: TrendChart | None
    mark: DirectionMark | None
    explanation: str
    explained: tuple[ExplainedArea, ...]
    compared: bool
    headings: tuple[str, ...]
    groups: tuple[AreaGroup, ...]
    without_figures: str
    notes: list[str]


def page(scorecard: Scorecard, trace: str | None = None, *, search: bool = False) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        scorecard: what is shown.
        trace: the address of the page on which its readers may trace a figure; a page for everybody has none.
        search: whether it has a field that finds measures, which needs a script of the page's own.
    """
    areas = (scorecard.areas.county, *scorecard.areas.csps)
    cards = [_card(scorecard, measure) for measure in scorecard.reported]
    return render_page(
        "scorecard.html.j2",
        script="search.js" if search else "",
        running=captions.running(scorecard, "Safer communities scorecard"),
        publisher=scorecard.publisher,
        county=scorecard.areas.county.name,
        quarter=scorecard.quarter,
        months=QUARTER.heading(scorecard.quarter),
        last_year=LAST_YEAR.heading(scorecard.quarter),
        as_of=format_date(scorecard.as_of),
        kind=captions.kind(scorecard),
        banners=captions.banners(scorecard),
        returns=captions.return_captions(scorecard),
        reported=len(scorecard.reported),
        total=len(scorecard.measures),
        glance_areas=[area.short_name for area in areas],
        glance=grouped((measure.theme, _glance(scorecard, measure, areas)) for measure in scorecard.reported),
        themes=grouped((card.measure.theme, card) for card in cards),
        unreported=grouped(
            (measure.source_name, (measure, captions.last_known_shares(scorecard, measure, scorecard.areas.csps)))
            for measure in scorecard.unreported
        ),
        peer_tables=peer_tables(scorecard),
        symbols=SYMBOLS,
        alone=[(scorecard.areas[code].name, name) for code, name in districts_alone(scorecard).items()],
        about=captions.about(scorecard),
        columns=data_columns(scorecard),
        trace=trace and f"{trace}?quarter={scorecard.quarter.key}",
    )


def districts_alone(scorecard: Scorecard) -> dict[str, str]:
    """The districts that are a partnership on their own, so that one row says both; names of partnerships by code."""
    day = scorecard.quarter.start
    return {codes[0]: csp.name for csp in scorecard.areas.csps if len(codes := csp.member_codes(day)) == 1}


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """Items by their key, in the order in which keys first come."""
    groups: dict[str, list[T]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return groups


def relative_change(measure: Measure, line: Line) -> str:
    """The change in per cent, or in points where the figure is a percentage."""
    return format_figure(measure, line, CHANGE if measure.kind == "proportion" else CHANGE_PERCENT)


def _glance(
    scorecard: Scorecard, measure: Measure, areas: Sequence[Area]
) -> tuple[Measure, tuple[str | DirectionMark, ...]]:
    county, *partnerships = (scorecard.line(measure.id, area.code) for area in areas)
    return measure, (
        mark_or_symbol(county.direction),
        format_figure(measure, county, QUARTER_FIGURE),
        relative_change(measure, county),
        *(format_figure(measure, line, QUARTER_FIGURE) for line in partnerships),
    )


def _card(scorecard: Scorecard, measure: Measure) -> MeasureCard:
    lines = scorecard.lines_of(measure)
    columns = page_columns(scorecard.statistics, Outlet.PAGE, [measure], scorecard.quarter)
    alone = districts_alone(scorecard)
    with_figures = {code: line for code, line in lines.items() if not line.is_empty and code not in alone}
    first = min(with_figures.values(), key=lambda line: line.value(QUARTER_NUMBER) is None)
    names = {code: area.name for code, area in scorecard.areas.items()}
    return MeasureCard(
        measure=measure,
        good=scorecard.good_directions[measure.id],
        good_direction=words.good_direction(
            scorecard.good_directions[measure.id], under_reported=measure.under_reported
        ),
        area=names[first.area_code],
        key_figures=key_figures(scorecard.statistics, measure, first, scorecard.quarter),
        priority_of=", ".join(scorecard.areas[code].short_name for code in measure.priority_of),
        comparison=dot_plot(scorecard, measure),
        trend=trend_chart(scorecard, measure, first.area_code),
        mark=mark(first.direction) if first.direction else None,
        explanation=words.explanation(first.direction) if first.direction else "",
        explained=tuple(
            ExplainedArea(
                names[line.area_code],
                mark(line.direction),
                words.explanation(line.direction),
                words.compared_with_county(line.comparison),
                words.place(line.comparison),
            )
            for line in with_figures.values()
            if line.direction
        ),
        compared=measure.has_interval,
        headings=("Direction of travel", *(column.heading for column in columns)),
        groups=tuple(_groups(scorecard, measure, with_figures, columns)),
        without_figures=", ".join(names[code] for code in lines if code not in with_figures and code not in alone),
        notes=captions.measure_notes(scorecard, measure),
    )


def _groups(
    scorecard: Scorecard, measure: Measure, lines: Mapping[str, Line], columns: Sequence[PageColumn]
) -> Iterator[AreaGroup]:
    for title, types in (
        ("County and partnerships", (AreaType.COUNTY, AreaType.CSP)),
        ("Districts", (AreaType.DISTRICT,)),
        ("Other locations", (AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN)),
    ):
        rows = tuple(
            AreaRow(
                name=area.name,
                code=area.code,
                cells=(mark_or_symbol(line.direction), *(page_cell(measure, line, column) for column in columns)),
                incomplete=line.quarter_status is Status.INCOMPLETE,
                priority=area.code in measure.priority_of,
            )
            for area in scorecard.areas.of_type(*types)
            if (line := lines.get(area.code))
        )
        if rows:
            yield AreaGroup(title, rows)
