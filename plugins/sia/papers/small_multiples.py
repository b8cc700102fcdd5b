"""Small multiples: a measure in the county and its partnerships, a chart each, on scales that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sia.geography import Area
from sia.presentation.charts import SetAsideColumn, Tick, description, set_aside_columns, spoken, year_ticks
from sia.presentation.number_format import compared_unit, format_known
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.registry import Quantity

WIDTH, HEIGHT = 160, 104
_LEFT, _RIGHT, _TOP, _BOTTOM = 10, 150, 24, 78


@dataclass(frozen=True, slots=True)
class SmallPoint:
    """A quarter: ``y`` is ``None`` where there is no figure, and ``text`` the symbol that says why."""

    x: float
    y: float | None
    text: str
    named: bool


@dataclass(frozen=True, slots=True)
class SmallChart:
    """A measure in one area over eight quarters; ``segments`` join neighbours only, never across a gap."""

    title: str
    description: str
    caption: str
    points: tuple[SmallPoint, ...]
    segments: tuple[tuple[SmallPoint, SmallPoint], ...]
    years: tuple[Tick, ...]
    aside: tuple[SetAsideColumn, ...]
    left: float = _LEFT
    right: float = _RIGHT
    bottom: float = _BOTTOM
    width: float = WIDTH
    height: float = HEIGHT


def one_scale(measure: Measure) -> bool:
    """Whether county and partnerships share a scale: a county's count or sum is their total, and flattens them."""
    return measure.has_rate or measure.kind in ("proportion", "mean")


def small_multiples(measure: Measure, lines: Sequence[tuple[Area, Line]], county: Area) -> tuple[SmallChart, ...]:
    """A chart for each area that has any figure to show."""

    def reach(area: Area) -> float:
        on_scale = [line for other, line in lines if one_scale(measure) or (other == county) == (area == county)]
        return max((past.value for line in on_scale for past in line.history if past.value is not None), default=0.0)

    return tuple(
        _chart(measure, area, line, reach(area))
        for area, line in lines
        if any(past.value is not None for past in line.history)
    )


def _chart(measure: Measure, area: Area, line: Line, reach: float) -> SmallChart:
    step = (_RIGHT - _LEFT) / max(1, len(line.history) - 1)
    points = tuple(
        SmallPoint(
            x=round(_LEFT + step * number, 1),
            y=None if past.value is None else round(_BOTTOM - (_BOTTOM - _TOP) * past.value / (reach or 1), 1),
            text=format_known(measure, Quantity.COMPARED_VALUE, past.value, past.status),
            named=number == len(line.history) - 1,
        )
        for number, past in enumerate(line.history)
    )
    quarters = [past.quarter for past in line.history]
    values = (f"{quarter.label} {spoken(point.text)}" for quarter, point in zip(quarters, points, strict=True))
    return SmallChart(
        title=f"{measure.title}: {area.short_name}, quarter by quarter",
        description=description(compared_unit(measure), values),
        caption=area.short_name,
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        years=year_ticks(quarters, [point.x for point in points]),
        aside=set_aside_columns([point.x for point in points], [past.set_aside for past in line.history]),
    )
