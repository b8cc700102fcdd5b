"""The charts of a measure, as positions on a canvas that a template draws.

The canvas is as wide as the narrowest screen, so that its letters stay readable there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from sia.calendar import Quarter
from sia.presentation.number_format import annual_unit, compared_unit, digits, format_known, format_number, in_pounds
from sia.presentation.symbols import BY_YEAR, CONFIDENTIAL, WITHHELD
from sia.registers.measures import Measure
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.registry import LOWER, UPPER, Quantity
from sia.scorecard.scorecard import Scorecard

WIDTH = 320
_LABELS, _VALUES = 122, 64
_ROW, _TOP, _AXIS = 28, 6, 24
_DIGIT = 8
_TREND_HEIGHT, _TREND_LEFT, _TREND_RIGHT, _TREND_TOP, _TREND_BOTTOM = 178, 46, 312, 24, 140


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class SetAsideColumn:
    """A grey column behind a chart: a month or quarter that is set aside, for example a lockdown."""

    x: float
    width: float


SET_ASIDE = "set aside, for example for a lockdown"
"""What a grey column means."""


def set_aside_columns(xs: Sequence[float], flags: Sequence[bool]) -> tuple[SetAsideColumn, ...]:
    """The grey columns of a chart: one for each point that is set aside, as wide as the points are apart."""
    width = round(xs[1] - xs[0], 1) if len(xs) > 1 else 0.0
    return tuple(
        SetAsideColumn(round(x - width / 2, 1), width) for x, is_aside in zip(xs, flags, strict=True) if is_aside
    )


def _aside(words: str, *, is_aside: bool) -> str:
    return f"{words} (set aside)" if is_aside else words


@dataclass(frozen=True, slots=True)
class AreaDot:
    """A value in a row: ``lower`` and ``upper`` are the ends of its interval, if it has one."""

    label: str
    y: float
    county: bool
    text: str
    x: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class DotPlot:
    """Areas as dots on one axis."""

    title: str
    description: str
    caption: str
    height: float
    bottom: float
    left: float
    right: float
    ticks: tuple[Tick, ...]
    dots: tuple[AreaDot, ...]
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A quarter of a trend; ``y`` is ``None`` where there is no figure. ``named``: its value is written out."""

    x: float
    y: float | None
    quarter: str
    text: str
    named: bool


@dataclass(frozen=True, slots=True)
class TrendChart:
    """A value over the last quarters: ``segments`` join neighbours only, never across a gap."""

    title: str
    description: str
    caption: str
    points: tuple[TrendPoint, ...]
    segments: tuple[tuple[TrendPoint, TrendPoint], ...]
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    aside: tuple[SetAsideColumn, ...] = ()
    left: float = _TREND_LEFT
    right: float = _TREND_RIGHT
    bottom: float = _TREND_BOTTOM
    height: float = _TREND_HEIGHT
    width: float = WIDTH


def dot_plot(scorecard: Scorecard, measure: Measure) -> DotPlot | None:
    """The partnerships side by side, with the county where an average makes it comparable; none if none reported.

    A count or sum of the county is the partnerships' total and would only flatten them, so it is left out.
    """
    lines = scorecard.lines_of(measure)
    with_county = measure.has_rate or measure.kind in ("proportion", "mean")
    areas = (scorecard.areas.county, *scorecard.areas.csps) if with_county else scorecard.areas.csps
    latest = {area.code: lines[area.code].history[-1] for area in areas}
    if all(latest[area.code].value is None for area in scorecard.areas.csps):
        return None
    values = [last.value for last in latest.values()] + [lines[area.code].value(UPPER) for area in areas]
    axis = _Axis(max(value for value in values if value is not None), _LABELS, WIDTH - _VALUES)
    dots, parts = [], []
    for number, area in enumerate(areas):
        line, last = lines[area.code], latest[area.code]
        lower, upper = line.value(LOWER), line.value(UPPER)
        text = format_known(measure, Quantity.COMPARED_VALUE, last.value, last.status)
        words = spoken(text)
        if last.value is not None and lower is not None and upper is not None:
            ends = (format_number(measure, Quantity.COMPARED_VALUE, end) for end in (lower, upper))
            words += f" ({' to '.join(ends)})"
        else:
            lower = upper = None
        dots.append(
            AreaDot(
                label=area.short_name,
                y=_TOP + _ROW * (number + 0.5),
                county=area == scorecard.areas.county,
                text=text,
                x=None if last.value is None else axis.at(last.value),
                lower=None if lower is None else axis.at(lower),
                upper=None if upper is None else axis.at(upper),
            )
        )
        parts.append(f"{area.short_name} {words}")
    bottom = _TOP + _ROW * len(areas) + 4
    interval = ", 95% interval" if any(dot.lower is not None for dot in dots) else ""
    return DotPlot(
        title=f"{measure.title}: partnerships compared, {scorecard.quarter.label}",
        description=description(f"{compared_unit(measure)}{interval}", parts),
        caption=f"Partnerships compared: {compared_unit(measure)}{interval}",
        height=bottom + _AXIS,
        bottom=bottom,
        left=_LABELS,
        right=WIDTH - _VALUES,
        ticks=axis.ticks(measure),
        dots=tuple(dots),
    )


def trend_chart(scorecard: Scorecard, measure: Measure, area_code: str) -> TrendChart | None:
    """The last eight quarters of a measure in an area; none if fewer than two have a figure."""
    history = scorecard.line(measure.id, area_code).history
    known = [past.value for past in history if past.value is not None]
    if len(known) < 2:
        return None
    axis = _Axis(max(known), _TREND_BOTTOM, _TREND_TOP)
    ticks = axis.ticks(measure)
    left = _left_of(ticks)
    named = (scorecard.quarter, scorecard.quarter.same_quarter_last_year())
    step = (_TREND_RIGHT - left - 24) / (len(history) - 1)
    points = tuple(
        TrendPoint(
            x=round(left + 12 + step * number, 1),
            y=None if past.value is None else axis.at(past.value),
            quarter=f"Q{past.quarter.number}",
            text=format_known(measure, Quantity.COMPARED_VALUE, past.value, past.status),
            named=past.quarter in named,
        )
        for number, past in enumerate(history)
    )
    quarters = [past.quarter for past in history]
    name = scorecard.areas[area_code].name
    return TrendChart(
        title=f"{measure.title}: {name}, last eight quarters",
        description=description(
            compared_unit(measure),
            (
                _aside(f"{past.quarter.label} {spoken(point.text)}", is_aside=past.set_aside)
                for past, point in zip(history, points, strict=True)
            ),
        ),
        caption=f"{name}, last eight quarters: {compared_unit(measure)}",
        aside=set_aside_columns([point.x for point in points], [past.set_aside for past in history]),
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        ticks=ticks,
        years=year_ticks(quarters, [point.x for point in points]),
        left=left,
    )


@dataclass(frozen=True, slots=True)
class Year:
    """A financial year: its value, or ``symbol`` says why there is none."""

    label: str
    value: float | None
    symbol: str


def annual_chart(measure: Measure, area_name: str, years: Sequence[Year]) -> TrendChart | None:
    """Years side by side, from zero; none if fewer than two have a value.

    Args:
        measure: a count or a sum of money.
        area_name: the area.
        years: without a gap, oldest first: rates for each 1,000 residents where the measure has one, else numbers.
    """
    known = [year.value for year in years if year.value is not None]
    if len(known) < 2:
        return None
    quantity, places = (Quantity.COMPARED_VALUE, 2) if measure.has_rate else (Quantity.FIGURE, 0)
    about = annual_unit(measure)
    axis = _Axis(max(known), _TREND_BOTTOM, _TREND_TOP)
    ticks = axis.ticks(measure)
    left = _left_of(ticks)
    step = (_TREND_RIGHT - left - 58) / (len(years) - 1)
    points = tuple(
        TrendPoint(
            x=round(left + 36 + step * number, 1),
            y=None if year.value is None else axis.at(year.value),
            quarter=year.label,
            text=year.symbol if year.value is None else format_number(measure, quantity, year.value, places),
            named=number in (0, len(years) - 1),
        )
        for number, year in enumerate(years)
    )
    return TrendChart(
        title=f"{measure.title}: {area_name}, year by year",
        description=description(about, (f"{point.quarter} {spoken(point.text)}" for point in points)),
        caption=f"{area_name}, year by year: {about}",
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        ticks=ticks,
        years=(),
        left=left,
        height=_TREND_HEIGHT - 14,
    )


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A point of a control chart; ``signals``: a rule fires in which it takes part and the last point too."""

    x: float
    y: float | None
    signals: bool


@dataclass(frozen=True, slots=True)
class ControlDrawing:
    """A control chart.

    ``lines`` are limits and average with their names, ``key`` explains them. ``broken`` is where the series restarts.
    """

    title: str
    description: str
    caption: str
    points: tuple[ControlPoint, ...]
    segments: tuple[tuple[ControlPoint, ControlPoint], ...]
    lines: tuple[Tick, ...]
    key: str
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    broken: float | None
    start: float
    aside: tuple[SetAsideColumn, ...] = ()
    left: float = _TREND_LEFT
    right: float = _TREND_RIGHT
    bottom: float = _TREND_BOTTOM
    height: float = _TREND_HEIGHT - 14
    width: float = WIDTH


AVERAGE = "average"


def control_drawing(measure: Measure, area_name: str, travel: DirectionOfTravel) -> ControlDrawing:
    """The series that a direction of travel rests on, with average and limits, which end at 0: nothing is negative.

    The picture is without the season where it is known; the description has the figures themselves.
    """
    limits = travel.limits
    names = ("top of the usual range", AVERAGE, "bottom of the usual range")
    heights = () if limits is None else (limits.upper, limits.mean, max(0.0, limits.lower))
    known = [point.without_season for point in travel.points if point.without_season is not None]
    is_seasonal = any(point.value != point.without_season for point in travel.points)
    shown = f"{compared_unit(measure)}{', without its season' if is_seasonal else ''}"
    axis = _Axis(max([*known, *heights], default=0), _TREND_BOTTOM, 10)
    ticks = axis.ticks(measure)
    left = _left_of(ticks)
    step = (_TREND_RIGHT - left - 12) / max(1, len(travel.points) - 1)
    points = tuple(
        ControlPoint(
            round(left + 6 + step * number, 1),
            None if point.without_season is None else axis.at(point.without_season),
            point.signals,
        )
        for number, point in enumerate(travel.points)
    )
    series = (
        _aside(
            f"{point.label} {spoken(format_known(measure, Quantity.COMPARED_VALUE, point.value, point.status))}",
            is_aside=point.set_aside,
        )
        for point in travel.points
    )
    around = ", ".join(
        f"{name} {format_number(measure, Quantity.COMPARED_VALUE, height)}"
        for name, height in zip(names, heights, strict=False)
    )
    return ControlDrawing(
        title=f"{measure.title}: {area_name}, control chart by {travel.step}",
        description=f"{description(compared_unit(measure), series)} {around.capitalize() or 'No usual range'}.",
        caption=f"{area_name}, by {travel.step}: {shown}",
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        lines=tuple(Tick(axis.at(height), name) for name, height in zip(names, heights, strict=False)),
        key=_key([format_number(measure, Quantity.COMPARED_VALUE, height) for height in heights], travel),
        ticks=ticks,
        left=left,
        years=year_ticks([Quarter.containing(point.starts) for point in travel.points], [point.x for point in points]),
        broken=points[travel.judged_from].x if travel.broken else None,
        start=points[travel.judged_from].x,
        aside=set_aside_columns([point.x for point in points], [point.set_aside for point in travel.points]),
    )


def _key(heights: Sequence[str], travel: DirectionOfTravel) -> str:
    """What lines and squares of a control chart mean."""
    aside = f" Grey columns: {SET_ASIDE}." if any(point.set_aside for point in travel.points) else ""
    if not heights:
        return f"There are too few figures for a usual range.{aside}"
    top, average, bottom = heights
    squares = " Squares: the figures that show the change." if any(point.signals for point in travel.points) else ""
    return f"Light band: the usual range, {bottom} to {top}. Short dashes: the average, {average}.{squares}{aside}"


def year_ticks(quarters: Sequence[Quarter], positions: Sequence[float]) -> tuple[Tick, ...]:
    """Each financial year's name, in the middle of its points."""
    by_year: dict[str, list[float]] = {}
    for quarter, x in zip(quarters, positions, strict=True):
        by_year.setdefault(quarter.financial_year.replace("-", "/"), []).append(x)
    return tuple(Tick(round(sum(x) / len(x), 1), year) for year, x in by_year.items())


def spoken(text: str) -> str:
    """A value for screen readers: a symbol in words."""
    if not text.startswith("["):
        return text
    return {CONFIDENTIAL: "hidden", BY_YEAR: "by year only", WITHHELD: "withheld"}.get(text, "no figure")


def description(unit: str, parts: Iterable[str]) -> str:
    """The values of a chart for screen readers: the unit, then each part."""
    return f"{unit}: ".capitalize() + "; ".join(parts) + "."


def _left_of(ticks: Sequence[Tick]) -> float:
    """How far to the right an axis begins, so that there is room for its numbers."""
    return max(_TREND_LEFT, 6 + _DIGIT * max(len(tick.text) for tick in ticks))


class _Axis:
    """An axis from 0 to a round number at or above ``reach``, drawn from ``start`` to ``end``."""

    def __init__(self, reach: float, start: float, end: float) -> None:
        self.step = _round_step(reach / 4) if reach > 0 else 1.0
        self.top = self.step * max(1, ceil(reach / self.step - 1e-9))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        return round(self.start + (self.end - self.start) * value / self.top, 1)

    def ticks(self, measure: Measure) -> tuple[Tick, ...]:
        places = max(0, -floor(log10(self.step) + 1e-9))
        pounds, per_cent = "£" if in_pounds(measure) else "", "%" if measure.kind == "proportion" else ""
        values = [number * self.step for number in range(round(self.top / self.step) + 1)]
        return tuple(Tick(self.at(value), f"{pounds}{digits(value, places)}{per_cent}") for value in values)


def _round_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is at least so much."""
    power = 10 ** floor(log10(least))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9)))
