"""Figures of financial years, from those of a release: annual rates, and the years that its series go back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sia.calendar import Quarter
from sia.presentation import words
from sia.presentation.charts import Year
from sia.presentation.number_format import digits, format_figure
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.direction_of_travel import SeriesPoint
from sia.scorecard.line import Line
from sia.scorecard.registry import YEAR_FIGURE, YEAR_NUMBER, YEAR_OUT_OF
from sia.statistics.intervals import Interval, proportion_interval, rate, rate_interval

_POINTS = {"quarter": 4, "month": 12}


def annual_rate(measure: Measure, line: Line) -> float | None:
    """The number of the twelve months for each 1,000 residents; none where there is no rate, or no number is shown."""
    number = line.value(YEAR_FIGURE)
    return rate(number, line.residents) if measure.has_rate and number is not None and line.residents else None


def annual_value(measure: Measure, line: Line) -> str:
    """What a year came to, as areas are compared by it: the annual rate where there is one, else the figure."""
    value = annual_rate(measure, line)
    return format_figure(measure, line, YEAR_FIGURE) if value is None else digits(value, 2)


def annual_interval(measure: Measure, line: Line) -> Interval | None:
    """The 95 per cent interval of an annual rate or percentage; none where it has none, or is not shown."""
    number, out_of = line.value(YEAR_NUMBER), line.value(YEAR_OUT_OF)
    if number is None or not measure.has_interval:
        return None
    if measure.has_rate:
        return rate_interval(number, line.residents) if line.residents else None
    if out_of is None or not 0 < out_of >= number:
        return None
    lower, upper = proportion_interval(number, out_of)
    return Interval(100 * lower, 100 * upper)


def years(measure: Measure, line: Line) -> tuple[Year, ...]:
    """The financial years of a count or sum, oldest first, as far back as its series goes without a break.

    They are rates where the measure has one, else numbers. A year lacks its value if a figure in it is missing or
    hidden. The newest is that of the twelve months.
    """
    travel = line.direction
    if travel is None or measure.kind not in ("count", "money"):
        return ()
    points = travel.points[travel.judged_from :] if travel.broken else travel.points
    by_year = groupby(points, lambda point: Quarter.containing(point.starts).financial_year)
    whole = _whole_years(by_year, _POINTS[travel.step])
    if not whole:
        return ()
    *earlier, newest = whole
    value = annual_rate(measure, line) if measure.has_rate else line.value(YEAR_FIGURE)
    text = words.symbol(line.figures[YEAR_FIGURE.id].status)
    return (*earlier, Year(newest.label, value, text))


def _whole_years(by_year: Iterator[tuple[str, Iterator[SeriesPoint]]], size: int) -> list[Year]:
    whole = []
    for name, members in by_year:
        values = [*members]
        known = [point.value for point in values if point.value is not None]
        if len(values) == size:
            statuses = {point.status for point in values}
            reasons = (status for status in (Status.CONFIDENTIAL, Status.WITHHELD) if status in statuses)
            symbol = words.symbol(next(reasons, Status.NOT_RECEIVED))
            whole.append(Year(name.replace("-", "/"), sum(known) if len(known) == size else None, symbol))
    return whole
