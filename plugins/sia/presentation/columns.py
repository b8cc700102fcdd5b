"""The columns of tables, from the registry of statistics; on pages some statistics share a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sia.calendar import Quarter
from sia.presentation.number_format import SAME, format_figure, unit_of
from sia.presentation.symbols import NOT_APPLICABLE
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.line import Line
from sia.scorecard.registry import QUARTER_FIGURE, Outlet, Statistic


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column of a table on a page: a statistic, and those that join its cell."""

    heading: str
    statistics: tuple[Statistic, ...]


def statistics_for(statistics: Iterable[Statistic], outlet: Outlet, measures: Sequence[Measure]) -> list[Statistic]:
    """The statistics that show in an outlet and concern at least one of some measures."""
    return [
        statistic
        for statistic in statistics
        if outlet in statistic.shows_in and any(statistic.concerns.includes(measure) for measure in measures)
    ]


def heading(statistic: Statistic, quarter: Quarter) -> str:
    """The heading of a statistic's own column."""
    return statistic.heading.format(*(period.heading(quarter) for period in statistic.periods))


def page_columns(
    statistics: Iterable[Statistic], outlet: Outlet, measures: Sequence[Measure], quarter: Quarter
) -> list[PageColumn]:
    """The columns of a table on a page."""
    columns: list[PageColumn] = []
    for statistic in statistics_for(statistics, outlet, measures):
        if statistic.joined and columns:
            columns[-1] = PageColumn(columns[-1].heading, (*columns[-1].statistics, statistic))
        else:
            text = statistic.page_heading or statistic.heading
            periods = (period.heading(quarter) for period in statistic.periods)
            columns.append(PageColumn(text.format(*periods), (statistic,)))
    return columns


def page_cell(measure: Measure, line: Line, column: PageColumn) -> str:
    """The text of a line's cell; what joins it is left out if it is missing or says the same."""
    first, *others = column.statistics
    if not first.concerns.includes(measure):
        return NOT_APPLICABLE
    text = format_figure(measure, line, first)
    for statistic in others:
        joining = format_figure(measure, line, statistic)
        if line.value(statistic) is not None and SAME not in (text, joining) and statistic.joined:
            text = statistic.joined.format(text, joining)
    return text


def key_figures(
    statistics: Sequence[Statistic], measure: Measure, line: Line, quarter: Quarter
) -> list[tuple[str, str]]:
    """The figures that come first about a measure: each with its label."""
    figures = []
    for column in page_columns(statistics, Outlet.PAGE, [measure], quarter):
        statistic = column.statistics[0]
        if statistic.key_figure is None:
            continue
        text = page_cell(measure, line, column)
        label = statistic.key_figure.format(*(period.heading(quarter) for period in statistic.periods))
        if statistic.id == QUARTER_FIGURE.id:
            unit = "" if measure.kind in ("proportion", "money") else unit_of(measure, text)
            incomplete = ", incomplete" if line.quarter_status is Status.INCOMPLETE else ""
            figures.append((f"{text} {unit}".strip(), label + incomplete))
        elif line.value(statistic) is not None:
            figures.append((text, label))
    return figures
