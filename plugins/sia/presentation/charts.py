"""The pictures of a measure, as positions on a canvas that a template draws.

The canvas is as wide as the narrowest screen, so that its letters stay readable there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isnan, log10

from sia import geography
from sia.calendar import Quarter
from sia.presentation.figures import CONFIDENTIAL, compared_as, digits, gap, in_pounds, plain
from sia.registers.measures import Measure
from sia.scorecard.direction_of_travel import Travel
from sia.scorecard.scorecard import Scorecard

WIDTH = 320
_LABELS, _VALUES = 122, 64
_ROW, _TOP, _AXIS = 28, 6, 24
_TREND_HEIGHT, _TREND_LEFT, _TREND_RIGHT, _TREND_TOP, _TREND_BOTTOM = 178, 46, 312, 24, 140


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value in a row: ``lower`` and ``upper`` are the ends of its interval, if it has one."""

    label: str
    y: float
    county: bool
    text: str
    x: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Areas as dots on one axis."""

    title: str
    describes: str
    caption: str
    height: float
    bottom: float
    left: float
    right: float
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class Point:
    """A quarter of a trend; ``y`` is ``None`` where there is no figure. ``named``: its value is written out."""

    x: float
    y: float | None
    quarter: str
    text: str
    named: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A value over the last quarters: ``segments`` join neighbours only, never across a gap."""

    title: str
    describes: str
    caption: str
    points: tuple[Point, ...]
    segments: tuple[tuple[Point, Point], ...]
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    left: float = _TREND_LEFT
    right: float = _TREND_RIGHT
    bottom: float = _TREND_BOTTOM
    height: float = _TREND_HEIGHT
    width: float = WIDTH


def comparison(scorecard: Scorecard, measure: Measure) -> Comparison | None:
    """The partnerships side by side, with the county where an average makes it comparable; none if none reported.

    A count or sum of the county is the partnerships' total and would only flatten them: it is left out.
    """
    lines = scorecard.lines_of(measure)
    compared = measure.has_rate or measure.kind in ("proportion", "mean")
    areas = (geography.county(), *geography.csps()) if compared else geography.csps()
    last = {area.code: scorecard.trend_of(measure, area.code).iloc[-1] for area in areas}
    values = {code: float(row["value"]) for code, row in last.items()}
    if all(isnan(values[area.code]) for area in geography.csps()):
        return None
    ends = [lines[area.code]["upper"] for area in areas]
    axis = _Axis(max(end for end in (*ends, *values.values()) if not isnan(end)), _LABELS, WIDTH - _VALUES)
    dots, told = [], []
    for number, area in enumerate(areas):
        value, lower, upper = values[area.code], lines[area.code]["lower"], lines[area.code]["upper"]
        interval = not isnan(value) and not isnan(lower)
        dot = Dot(
            label=area.name.removesuffix(" CSP"),
            y=_TOP + _ROW * (number + 0.5),
            county=area == geography.county(),
            text=gap(last[area.code]["status"]) if isnan(value) else plain(measure, "value", value),
            x=None if isnan(value) else axis.at(value),
            lower=axis.at(lower) if interval else None,
            upper=axis.at(upper) if interval else None,
        )
        dots.append(dot)
        said = _nothing(dot.text) if isnan(value) else dot.text
        if interval:
            said += f" ({plain(measure, 'lower', lower)} to {plain(measure, 'upper', upper)})"
        told.append(f"{dot.label} {said}")
    bottom = _TOP + _ROW * len(areas) + 4
    with_interval = ", 95% interval" if any(dot.lower is not None for dot in dots) else ""
    return Comparison(
        title=f"{measure.title}: partnerships compared, {scorecard.quarter.label}",
        describes=f"{compared_as(measure)}{with_interval}: ".capitalize() + "; ".join(told) + ".",
        caption=f"Partnerships compared: {compared_as(measure)}{with_interval}",
        height=bottom + _AXIS,
        bottom=bottom,
        left=_LABELS,
        right=WIDTH - _VALUES,
        ticks=axis.ticks(measure),
        dots=tuple(dots),
    )


def trend(scorecard: Scorecard, measure: Measure, area_code: str) -> Trend | None:
    """The last eight quarters of a measure in an area; none if fewer than two have a figure."""
    rows = scorecard.trend_of(measure, area_code)
    if rows["value"].notna().sum() < 2:
        return None
    axis = _Axis(float(rows["value"].max()), _TREND_BOTTOM, _TREND_TOP)
    quarters = [Quarter.parse(key) for key in rows["quarter_key"]]
    values = [float(value) for value in rows["value"]]
    compared = (scorecard.quarter, scorecard.quarter.same_quarter_last_year())
    step = (_TREND_RIGHT - _TREND_LEFT - 24) / (len(quarters) - 1)
    points = tuple(
        Point(
            x=round(_TREND_LEFT + 12 + step * number, 1),
            y=None if isnan(value) else axis.at(value),
            quarter=f"Q{quarter.number}",
            text=gap(status) if isnan(value) else plain(measure, "value", value),
            named=quarter in compared,
        )
        for number, (quarter, value, status) in enumerate(zip(quarters, values, rows["status"], strict=True))
    )
    told = [
        f"{quarter.label} {_nothing(point.text) if point.y is None else point.text}"
        for quarter, point in zip(quarters, points, strict=True)
    ]
    name = geography.areas()[area_code].name
    return Trend(
        title=f"{measure.title}: {name}, last eight quarters",
        describes=f"{compared_as(measure)}: ".capitalize() + "; ".join(told) + ".",
        caption=f"{name}, last eight quarters: {compared_as(measure)}",
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        ticks=axis.ticks(measure),
        years=_years(quarters, points),
    )


def _nothing(symbol: str) -> str:
    return "hidden" if symbol == CONFIDENTIAL else "no figure"


def _years(quarters: Sequence[Quarter], points: Sequence[Point]) -> tuple[Tick, ...]:
    """Each financial year's name, in the middle of its quarters."""
    by_year: dict[str, list[float]] = {}
    for quarter, point in zip(quarters, points, strict=True):
        by_year.setdefault(quarter.financial_year.replace("-", "/"), []).append(point.x)
    return tuple(Tick(round(sum(x) / len(x), 1), year) for year, x in by_year.items())


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A point of a control chart; ``fired``: a rule fired in which it takes part and the last point too."""

    x: float
    y: float | None
    fired: bool


@dataclass(frozen=True, slots=True)
class ControlPicture:
    """A control chart: ``lines`` are limits and mean with their names, ``broken`` where the series starts anew."""

    title: str
    describes: str
    caption: str
    points: tuple[ControlPoint, ...]
    segments: tuple[tuple[ControlPoint, ControlPoint], ...]
    lines: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    broken: float | None
    start: float
    left: float = _TREND_LEFT
    right: float = _TREND_RIGHT
    bottom: float = _TREND_BOTTOM
    height: float = _TREND_HEIGHT - 14
    width: float = WIDTH


def control_picture(measure: Measure, area_name: str, travel: Travel) -> ControlPicture:
    """The series that a direction of travel rests on, with mean and limits; nothing is negative: they end at 0."""
    chart = travel.verdict.chart
    limits = chart.limits
    lines = [] if limits is None else [limits.upper, limits.mean, max(0.0, limits.lower)]
    axis = _Axis(max((each for each in (*chart.values, *lines) if not isnan(each)), default=0), _TREND_BOTTOM, 10)
    fired = {point for signal in chart.latest_signals for point in signal.points}
    step = (_TREND_RIGHT - _TREND_LEFT - 12) / max(1, len(chart.values) - 1)
    xs = [round(_TREND_LEFT + 6 + step * number, 1) for number in range(len(chart.values))]
    points = tuple(
        ControlPoint(x, None if isnan(value) else axis.at(value), number in fired)
        for number, (x, value) in enumerate(zip(xs, chart.values, strict=True))
    )
    names = ("upper limit", "mean", "lower limit")
    told = "; ".join(
        f"{point.label} {'no figure' if isnan(value) else plain(measure, 'value', value)}"
        for point, value in zip(travel.points, chart.values, strict=True)
    )
    around = ", ".join(f"{name} {plain(measure, 'value', value)}" for name, value in zip(names, lines, strict=False))
    by_year: dict[str, list[float]] = {}
    for point, x in zip(travel.points, xs, strict=True):
        by_year.setdefault(point.quarter.financial_year.replace("-", "/"), []).append(x)
    return ControlPicture(
        title=f"{measure.title}: {area_name}, control chart by {travel.by}",
        describes=f"{compared_as(measure)}: ".capitalize() + f"{told}. {around.capitalize() or 'No limits'}.",
        caption=f"{area_name}, by {travel.by}: {compared_as(measure)}",
        points=points,
        segments=tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None),
        lines=tuple(Tick(axis.at(value), name) for name, value in zip(names, lines, strict=False)),
        ticks=axis.ticks(measure),
        years=tuple(Tick(round(sum(x) / len(x), 1), year) for year, x in by_year.items()),
        broken=xs[chart.start] if travel.broken else None,
        start=xs[chart.start],
    )


class _Axis:
    """An axis from 0 to a round number at or above ``reach``, drawn from ``start`` to ``end``."""

    def __init__(self, reach: float, start: float, end: float) -> None:
        self.step = _round_step(reach / 4) if reach > 0 else 1.0
        self.top = self.step * max(1, ceil(reach / self.step - 1e-9))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        return round(self.start + (self.end - self.start) * value / self.top, 1)

    def ticks(self, measure: Measure) -> tuple[Tick, ...]:
        decimals = max(0, -floor(log10(self.step) + 1e-9))
        sign, per_cent = "£" if in_pounds(measure) else "", "%" if measure.kind == "proportion" else ""
        values = [number * self.step for number in range(round(self.top / self.step) + 1)]
        return tuple(Tick(self.at(value), f"{sign}{digits(value, decimals)}{per_cent}") for value in values)


def _round_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is at least so much."""
    power = 10 ** floor(log10(least))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9)))
