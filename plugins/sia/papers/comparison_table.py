"""One page that compares the partnerships: a row a measure, with symbol and colour for better, similar and worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sia.papers.annual_figures import annual_interval, annual_rate, annual_value
from sia.presentation.charts import description, spoken
from sia.presentation.marks import DirectionMark, mark
from sia.presentation.number_format import compared_unit, format_figure, format_known
from sia.presentation.symbols import NOT_APPLICABLE
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.registry import QUARTER_FIGURE, RATE, YEAR_FIGURE, Quantity
from sia.scorecard.scorecard import Scorecard
from sia.statistics.comparison import Benchmark, compare_with_benchmark

WIDTH, HEIGHT = 76, 18
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line of the county's last quarters: ``segments`` join neighbours only, never across a gap."""

    title: str
    description: str
    segments: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    dots: tuple[tuple[float, float], ...]
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """An area's value with how it compares with the county; no ``icon`` where nothing is compared."""

    value: str
    icon: str = ""
    words: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A measure: the county's figure, direction and last quarters, and the compared value of every area."""

    id: str
    title: str
    theme: str
    unit: str
    figure: str
    direction: DirectionMark | str
    spark: Sparkline | None
    county: str
    cells: tuple[ComparedCell, ...]
    priority_of: tuple[bool, ...]


_CELLS = {
    Benchmark.BETTER: ("✓", "better", "good"),
    Benchmark.WORSE: ("✗", "worse", "bad"),
    Benchmark.SIMILAR: ("≈", "similar", "plain"),
    Benchmark.HIGHER: ("▴", "higher", "plain"),
    Benchmark.LOWER: ("▾", "lower", "plain"),
}


def comparison_table(scorecard: Scorecard, measures: Sequence[Measure]) -> list[ComparedRow]:
    """The rows of some measures."""
    return [_row(scorecard, measure) for measure in measures]


def _row(scorecard: Scorecard, measure: Measure) -> ComparedRow:
    county = scorecard.line(measure.id, scorecard.areas.county.code)
    lines = [scorecard.line(measure.id, csp.code) for csp in scorecard.areas.csps]
    return ComparedRow(
        id=measure.id,
        title=measure.title,
        theme=measure.theme,
        unit=compared_unit(measure),
        figure=format_figure(measure, county, QUARTER_FIGURE),
        direction=replace(mark(travel), symbols=()) if (travel := county.direction) else NOT_APPLICABLE,
        spark=sparkline(scorecard, measure, county),
        county=compared_value(measure, county),
        cells=tuple(compared_cell(measure, line) for line in lines),
        priority_of=tuple(csp.code in measure.priority_of for csp in scorecard.areas.csps),
    )


def compared_value(measure: Measure, line: Line) -> str:
    """What areas are compared by: a rate where there is one, else the figure."""
    return format_figure(measure, line, RATE if measure.has_rate else QUARTER_FIGURE)


def compared_cell(measure: Measure, line: Line) -> ComparedCell:
    """An area's compared value, with how it compares with the county."""
    value, compared = compared_value(measure, line), line.comparison.with_county
    return ComparedCell(value) if compared is None else _benchmark_cell(value, compared)


def annual_cell(scorecard: Scorecard, measure: Measure, line: Line) -> ComparedCell:
    """What a year came to in an area, with how it compares with the county if it is a rate or a percentage."""
    county = scorecard.areas.county.code
    of_county = scorecard.line(measure.id, county)
    value, interval = annual_value(measure, line), annual_interval(measure, line)
    benchmark = annual_rate(measure, of_county) if measure.has_rate else of_county.value(YEAR_FIGURE)
    if line.area_code == county or interval is None or benchmark is None:
        return ComparedCell(value)
    return _benchmark_cell(value, compare_with_benchmark(interval, benchmark, scorecard.good_directions[measure.id]))


def _benchmark_cell(value: str, compared: Benchmark) -> ComparedCell:
    """A value with how it compares with the county."""
    return ComparedCell(value, *_CELLS[compared])


def sparkline(scorecard: Scorecard, measure: Measure, line: Line) -> Sparkline | None:
    """The last quarters of a line, on a scale from 0; none if fewer than two have a value."""
    known = [past.value for past in line.history if past.value is not None]
    if len(known) < 2:
        return None
    step = (WIDTH - 2 * _MARGIN) / (len(line.history) - 1)
    height, top = HEIGHT - 2 * _MARGIN, max(known) or 1
    points = [
        None
        if past.value is None
        else (round(_MARGIN + step * number, 1), round(HEIGHT - _MARGIN - height * past.value / top, 1))
        for number, past in enumerate(line.history)
    ]
    area = scorecard.areas[line.area_code].name
    return Sparkline(
        title=f"{measure.title}: {area}, last eight quarters",
        description=description(
            compared_unit(measure),
            (
                f"{past.quarter.label} "
                f"{spoken(format_known(measure, Quantity.COMPARED_VALUE, past.value, past.status))}"
                for past in line.history
            ),
        ),
        segments=tuple((start, end) for start, end in pairwise(points) if start and end),
        dots=tuple(point for point in points[-1:] if point),
    )
