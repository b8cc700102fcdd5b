"""A section of the assessment on a page of its own: finding, chart, map, comparison, and what was done."""

from __future__ import annotations

from dataclasses import dataclass

from sia.papers.annual_figures import years
from sia.papers.assessment import AssessedMeasure, Assessment
from sia.papers.base_map import BaseMap
from sia.papers.comparison_table import ComparedCell, annual_cell
from sia.papers.district_maps import DistrictMap, annual_map
from sia.papers.project_results import ProjectResult, project_results
from sia.papers.year_findings import chief, county_line, of_ids, sentence, year_change
from sia.presentation.charts import TrendChart, annual_chart, trend_chart
from sia.presentation.commentary_parts import PARTS, commentary_parts
from sia.presentation.marks import DirectionMark, mark_or_symbol
from sia.registers.assessment_sections import AssessmentSection

_ACTION = PARTS["Action"]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A measure: its direction and change in the county, then its year in the county and each partnership."""

    name: str
    direction: DirectionMark | str
    change: str
    cells: tuple[ComparedCell, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """What a lead says is being done about an exception."""

    about: str
    words: str


@dataclass(frozen=True, slots=True)
class SectionPage:
    """A section as the page shows it.

    ``is_compared``: whether the figures on the map are compared with the county's. ``actions``: what leads wrote in the
    year. ``projects``: those that are judged by a measure of the section.
    """

    id: str
    title: str
    about: str
    finding: str
    chart: TrendChart | None
    map: DistrictMap | None
    is_compared: bool
    rows: tuple[SectionRow, ...]
    done: tuple[SectionRow, ...]
    actions: tuple[Action, ...]
    projects: tuple[ProjectResult, ...]


def section_page(pack: Assessment, section: AssessmentSection, number: int, base: BaseMap | None) -> SectionPage:
    """The page of a section.

    Args:
        pack: the assessment.
        section: the section.
        number: of the page.
        base: the shapes of the districts; no map without it.
    """
    scorecard = pack.scorecard
    entries, done = of_ids(pack, section.measures), of_ids(pack, section.done)
    first = chief(pack, entries)
    return SectionPage(
        id=f"page-{number}",
        title=section.title,
        about=section.about,
        finding=sentence(pack, first) if first else "We received no figures in two years. That is not zero.",
        chart=_chart(pack, first) if first else None,
        map=annual_map(scorecard, first.measure, base) if first else None,
        is_compared=first is not None and first.measure.has_interval,
        rows=tuple(_row(pack, entry) for entry in entries),
        done=tuple(_row(pack, entry) for entry in done),
        actions=_actions(pack, {*section.measures, *section.done}),
        projects=tuple(
            result
            for result in project_results(scorecard, scorecard.areas)
            if result.measure_id in {*section.measures, *section.done}
        ),
    )


def _chart(pack: Assessment, entry: AssessedMeasure) -> TrendChart | None:
    """The county's financial years; its quarters where years cannot be added up, as those of shares."""
    county = pack.scorecard.areas.county
    annual = annual_chart(entry.measure, county.name, years(entry.measure, county_line(pack, entry)))
    return annual or trend_chart(pack.scorecard, entry.measure, county.code)


def _row(pack: Assessment, entry: AssessedMeasure) -> SectionRow:
    scorecard, line = pack.scorecard, county_line(pack, entry)
    return SectionRow(
        entry.measure.title,
        mark_or_symbol(line.direction),
        year_change(entry, line),
        tuple(
            annual_cell(scorecard, entry.measure, scorecard.line(entry.measure.id, area.code))
            for area in (scorecard.areas.county, *scorecard.areas.csps)
        ),
    )


def _actions(pack: Assessment, measures: set[str]) -> tuple[Action, ...]:
    """What leads wrote is being done, the newest quarter's words of each measure and area."""
    newest = {
        (text.measure.id, text.area): Action(f"{text.measure.title}, {text.area}, {quarter.label}", words)
        for quarter, text in pack.exceptions
        if text.measure.id in measures and (words := commentary_parts(text.commentary).get(_ACTION))
    }
    return tuple(newest.values())
