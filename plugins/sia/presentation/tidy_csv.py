"""The scorecard as tidy data: one row for each measure and area."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO

from sia.geography import Area
from sia.presentation import captions, words
from sia.presentation.number_format import compared_unit, data_digits, unit
from sia.presentation.symbols import NOT_APPLICABLE
from sia.registers.measures import Measure
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.line import Line
from sia.scorecard.registry import Statistic
from sia.scorecard.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class DataRow:
    """What a row of the data file is made from."""

    scorecard: Scorecard
    measure: Measure
    area: Area
    line: Line


@dataclass(frozen=True, slots=True)
class DataColumn:
    """A column of the data file: its name, what it says, and the text of a row's cell."""

    name: str
    description: str
    text: Callable[[DataRow], str]


def columns(scorecard: Scorecard) -> tuple[DataColumn, ...]:
    """Every column of the data file in order."""
    return (
        *_ABOUT,
        *(_status_column(period.id, period.words) for period in scorecard.periods),
        *(_figure_column(statistic) for statistic in scorecard.statistics),
        *_CONCLUSIONS,
    )


def tidy_csv(scorecard: Scorecard) -> bytes:
    """The tidy data as UTF-8 CSV with a heading line; no cell is empty."""
    every = columns(scorecard)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in every])
    for line in scorecard.lines:
        row = DataRow(scorecard, scorecard.measure(line.measure_id), scorecard.areas[line.area_code], line)
        writer.writerow([column.text(row) for column in every])
    return text.getvalue().encode()


def _status_column(period: str, in_words: str) -> DataColumn:
    description = f"Whether {in_words} is reported, incomplete, withheld, not_received, not_applicable or confidential"
    return DataColumn(f"{period}_status", description, lambda row: row.line.statuses[period].value)


def _figure_column(statistic: Statistic) -> DataColumn:
    return DataColumn(statistic.id, statistic.description, lambda row: _figure(row.line, statistic.id))


def _figure(line: Line, statistic: str) -> str:
    figure = line.figures[statistic]
    return words.symbol(figure.status) if figure.value is None else data_digits(figure.value)


def _symbols(row: DataRow) -> str:
    figures = row.line.figures.values()
    return " ".join(sorted({words.symbol(figure.status) for figure in figures if figure.value is None})) or "none"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _of_direction(name: str, description: str, text: Callable[[DirectionOfTravel], str]) -> DataColumn:
    def cell(row: DataRow) -> str:
        return text(row.line.direction) if row.line.direction else NOT_APPLICABLE

    return DataColumn(name, description, cell)


def _known(value: object | None) -> str:
    return NOT_APPLICABLE if value is None else str(value)


_ABOUT = (
    DataColumn("quarter", "Financial quarter, for example 2021-22Q4", lambda row: row.scorecard.quarter.key),
    DataColumn("quarter_start", "First day of the quarter", lambda row: row.scorecard.quarter.start.isoformat()),
    DataColumn("quarter_end", "Last day of the quarter", lambda row: row.scorecard.quarter.end.isoformat()),
    DataColumn(
        "release",
        "Whether the figures may be published: small numbers are hidden in a release alone",
        lambda row: captions.kind(row.scorecard),
    ),
    DataColumn("theme", "Section of the scorecard", lambda row: row.measure.theme),
    DataColumn("measure_id", "Key of the measure", lambda row: row.measure.id),
    DataColumn("measure", "Title of the measure", lambda row: row.measure.title),
    DataColumn("lead", "Who answers for it to the Board", lambda row: row.measure.lead),
    DataColumn("source", "Who sends the figures", lambda row: row.measure.source_name),
    DataColumn("kind", "count, proportion (per cent), mean, or money (pounds)", lambda row: row.measure.kind),
    DataColumn("unit", "Unit of the figures", lambda row: unit(row.measure)),
    DataColumn("compared_as", "Unit in which areas are compared", lambda row: compared_unit(row.measure)),
    DataColumn(
        "good_direction",
        "up, down, or none where neither is better",
        lambda row: row.scorecard.good_directions[row.measure.id],
    ),
    DataColumn(
        "under_reported",
        "yes where more reports are better because the harm is under-reported",
        lambda row: _yes_no(row.measure.under_reported),
    ),
    DataColumn("area_code", "ONS (GSS) code where there is one, otherwise ours", lambda row: row.area.code),
    DataColumn("area", "Name of the area", lambda row: row.area.name),
    DataColumn(
        "area_type",
        "county, csp or district; service, outside or unknown for other places",
        lambda row: row.area.type.value,
    ),
    DataColumn(
        "local_priority",
        "yes where the measure is a priority of the area's partnership",
        lambda row: _yes_no(row.area.code in row.measure.priority_of),
    ),
    DataColumn(
        "synthetic",
        "yes where a figure of the row rests on made-up sample data",
        lambda row: _yes_no(row.line.synthetic),
    ),
    DataColumn("symbols", "Symbols used in the row, or none", _symbols),
    DataColumn(
        "residents",
        "Residents that the rate is divided by: ONS mid-year estimate",
        lambda row: _known(row.line.residents),
    ),
    DataColumn(
        "residents_mid_year",
        "Year of that estimate",
        lambda row: _known(row.line.residents and row.scorecard.residents.mid_year),
    ),
    DataColumn(
        "last_known_share",
        "For a figure that was not received: its area's share of the county's total when last known",
        lambda row: captions.not_received(row.scorecard, row.line) or NOT_APPLICABLE,
    ),
    DataColumn(
        "sender_notes",
        "What the sender said about figures of the last eight quarters that we asked about, or none",
        lambda row: " ".join(captions.sender_notes(row.scorecard, row.measure, row.area.code)) or "none",
    ),
)

_CONCLUSIONS = (
    _of_direction(
        "direction_of_travel",
        "improving, deteriorating, no_clear_trend, too_few, not_enough_data, hidden, methods_disagree, "
        "check_recording or no_judgement",
        lambda travel: travel.direction.value,
    ),
    _of_direction(
        "moving", "rising, falling or neither, whichever is better", lambda travel: travel.moving or "neither"
    ),
    _of_direction("direction_by", "month or quarter: the points that are judged", lambda travel: travel.step),
    _of_direction("direction_explained", "Why, in sentences", lambda travel: travel.explanation),
    _of_direction(
        "direction_provisional",
        "yes where the usual range rests on few points",
        lambda travel: _yes_no(travel.provisional),
    ),
    _of_direction(
        "direction_break",
        "From when and why the series starts again, or none",
        lambda travel: f"{travel.broken.label}: {travel.broken.reason}" if travel.broken else "none",
    ),
    _of_direction(
        "target",
        "The target, in the unit in which points are judged",
        lambda travel: data_digits(travel.target.value) if travel.target else NOT_APPLICABLE,
    ),
    _of_direction(
        "assurance",
        "will_meet, will_miss, or hit_or_miss: what the control limits promise about the target",
        lambda travel: _known(travel.target and travel.target.assurance),
    ),
    DataColumn(
        "compared_with_county",
        "better, worse or similar (higher or lower if neither is better); the area is part of the county",
        lambda row: _known(row.line.comparison.with_county),
    ),
    DataColumn(
        "funnel",
        "Where the count is in the funnel around the county's rate: inside, above_95, above_998, below_95 or below_998",
        lambda row: _known(row.line.comparison.funnel),
    ),
    DataColumn(
        "place_first",
        "The highest place that the area may have among the partnerships; 1 is the highest value",
        lambda row: _known(row.line.comparison.rank and row.line.comparison.rank.first),
    ),
    DataColumn(
        "place_last",
        "The lowest place that it may have",
        lambda row: _known(row.line.comparison.rank and row.line.comparison.rank.last),
    ),
    DataColumn(
        "places_among",
        "The number of partnerships that are compared",
        lambda row: _known(row.line.comparison.among or None),
    ),
)
