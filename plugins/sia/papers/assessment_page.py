"""The assessment pack as one web page that needs nothing from elsewhere, and prints well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sia.calendar import LONDON, format_date
from sia.geography import Area
from sia.papers import project_results
from sia.papers.annual_figures import annual_value
from sia.papers.assessment import AssessedMeasure, Assessment
from sia.papers.assessment_section import section_page
from sia.papers.base_map import base_map
from sia.papers.small_multiples import SmallChart, one_scale, small_multiples
from sia.papers.year_findings import findings, matrix
from sia.presentation import captions, words
from sia.presentation.columns import PageColumn, page_cell, page_columns
from sia.presentation.marks import DirectionMark, mark_or_symbol
from sia.presentation.number_format import A_YEAR, compared_unit, format_figure, format_known, unit
from sia.presentation.peer_tables import NEAREST, peer_tables
from sia.presentation.scorecard_page import grouped
from sia.presentation.symbols import NOT_APPLICABLE, NOT_AVAILABLE
from sia.presentation.templates import render_page
from sia.registers.assessment_sections import AssessmentSections
from sia.registers.tile_map import Tile
from sia.scorecard.line import Line
from sia.scorecard.periods import YEAR, YEAR_BEFORE
from sia.scorecard.registry import YEAR_CHANGE, YEAR_CHANGE_PERCENT, YEAR_FIGURE, Outlet, Quantity
from sia.scorecard.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """A row of a table: its name and its cells."""

    name: str
    cells: tuple[str | DirectionMark, ...]


@dataclass(frozen=True, slots=True)
class AssessmentGroup:
    """Rows of a table, and their unit."""

    title: str
    rows: tuple[AssessmentRow, ...]


@dataclass(frozen=True, slots=True)
class AssessmentCard:
    """A measure as the page shows it."""

    id: str
    title: str
    good_direction: str
    compared_unit: str
    scale: str
    charts: tuple[SmallChart, ...]
    headings: tuple[str, ...]
    groups: tuple[AssessmentGroup, ...]
    notes: list[str]


def page(pack: Assessment, register: AssessmentSections, tiles: Sequence[Tile] = ()) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        pack: its contents.
        register: its sections, and how much harm each stands for.
        tiles: the places of the districts on its maps, if the release has no boundaries.
    """
    scorecard = pack.scorecard
    base = base_map(pack.boundaries, tiles)
    rows = matrix(pack, register)
    areas = (scorecard.areas.county, *scorecard.areas.csps)
    minor = Counter(name for name, line in pack.revisions if line.kind == "minor")
    return render_page(
        "assessment.html.j2",
        "papers.css",
        running=captions.running(scorecard, "Strategic Intelligence Assessment: performance pack", pack.release),
        publisher=scorecard.publisher,
        county=scorecard.areas.county.name,
        title="Strategic Intelligence Assessment: performance pack",
        period=pack.year,
        months="April to March",
        kind=captions.kind(scorecard),
        year=YEAR.heading(scorecard.quarter),
        year_before=YEAR_BEFORE.heading(scorecard.quarter),
        release=pack.release,
        as_of=format_date(scorecard.as_of),
        board=f"{pack.board:%B %Y}",
        banners=captions.banners(scorecard),
        releases=[
            (
                entry.quarter.label,
                [
                    (release.name, format_date(release.known_at.astimezone(LONDON).date()), f"{release.suppressed:,}")
                    for release in entry.releases
                ],
            )
            for entry in pack.quarters
        ],
        findings=findings(pack),
        matrix=rows,
        harm_set_by=register.set_by,
        pages=[section_page(pack, row.section, number, base) for number, row in enumerate(rows, 1)],
        a_year=A_YEAR,
        about_maps=f"{base.about} {base.attribution}".strip() if base else "",
        areas=[area.short_name for area in areas],
        glance=grouped((entry.measure.theme, _glance(entry, areas)) for entry in pack.measures),
        themes=grouped((entry.measure.theme, _card(scorecard, entry)) for entry in pack.measures),
        quarters=[past.quarter.label for past in scorecard.lines[0].history],
        projects_title=project_results.TITLE,
        about_projects=project_results.ABOUT,
        projects=project_results.project_results(scorecard, scorecard.areas),
        peer_tables=peer_tables(scorecard),
        nearest=NEAREST,
        exceptions=[(quarter.label, text) for quarter, text in pack.exceptions],
        substantial=[(name, line) for name, line in pack.revisions if line.kind == "substantial"],
        minor=sorted(minor.items()),
        about=captions.about_paper(scorecard),
    )


def _glance(entry: AssessedMeasure, areas: Sequence[Area]) -> tuple[str, AssessmentRow]:
    lines = {area.code: line for area, line in entry.lines}
    county = lines.get(areas[0].code)
    cells = tuple(_year(entry, lines[area.code]) if area.code in lines else NOT_AVAILABLE for area in areas)
    direction = mark_or_symbol(county.direction if county else None)
    return entry.measure.id, AssessmentRow(entry.measure.title, (direction, *cells))


def _year(entry: AssessedMeasure, line: Line) -> str:
    """The year's figure, and in brackets its change on the year before: in per cent, or in points for a percentage."""
    change = YEAR_CHANGE if entry.measure.kind == "proportion" else YEAR_CHANGE_PERCENT
    figure = format_figure(entry.measure, line, YEAR_FIGURE)
    return figure if line.value(change) is None else f"{figure} ({format_figure(entry.measure, line, change)})"


def _card(scorecard: Scorecard, entry: AssessedMeasure) -> AssessmentCard:
    measure = entry.measure
    columns = page_columns(scorecard.statistics, Outlet.ASSESSMENT, [measure], scorecard.quarter)
    figures = tuple(_figures(entry, area, line, columns) for area, line in entry.lines)
    groups = [AssessmentGroup(unit(measure).capitalize(), figures)]
    if measure.has_rate:
        rates = tuple(_rates(entry, area, line, columns) for area, line in entry.lines)
        groups.append(AssessmentGroup(compared_unit(measure).capitalize(), rates))
    return AssessmentCard(
        id=measure.id,
        title=measure.title,
        good_direction=words.good_direction(
            scorecard.good_directions[measure.id], under_reported=measure.under_reported
        ),
        compared_unit=compared_unit(measure),
        scale="all on one scale" if one_scale(measure) else "the partnerships on one scale, the county on its own",
        charts=small_multiples(measure, entry.lines, scorecard.areas.county),
        headings=tuple(column.heading for column in columns),
        groups=tuple(groups),
        notes=captions.paper_notes(scorecard, measure),
    )


def _figures(entry: AssessedMeasure, area: Area, line: Line, columns: Sequence[PageColumn]) -> AssessmentRow:
    measure = entry.measure
    return AssessmentRow(
        area.short_name,
        (
            mark_or_symbol(line.direction),
            *(format_known(measure, Quantity.FIGURE, past.figure, past.status) for past in line.history),
            *(page_cell(measure, line, column) for column in columns),
        ),
    )


def _rates(entry: AssessedMeasure, area: Area, line: Line, columns: Sequence[PageColumn]) -> AssessmentRow:
    measure = entry.measure
    return AssessmentRow(
        area.short_name,
        (
            mark_or_symbol(line.direction),
            *(format_known(measure, Quantity.COMPARED_VALUE, past.value, past.status) for past in line.history),
            *(
                annual_value(measure, line) if column.statistics[0].id == YEAR_FIGURE.id else NOT_APPLICABLE
                for column in columns
            ),
        ),
    )
