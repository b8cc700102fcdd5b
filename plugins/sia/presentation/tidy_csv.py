"""The scorecard as tidy data: one row a measure and area."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sia import geography
from sia.presentation import captions
from sia.presentation.direction_labels import is_provisional, moving
from sia.presentation.figures import NOT_APPLICABLE, compared_as, symbol, unit
from sia.registers.measures import Measure
from sia.scorecard.area_comparison import Beside
from sia.scorecard.direction_of_travel import Travel
from sia.scorecard.scorecard import PERIODS, RESTS_ON, Line, Scorecard
from sia.statistics.intervals import half_up

_DECIMALS = 4

COLUMNS: Mapping[str, str] = {
    "quarter": "Financial quarter, written 2021-22Q4",
    "quarter_start": "First day of the quarter",
    "quarter_end": "Last day of the quarter",
    "release": "What the figures may be used for",
    "theme": "Section of the scorecard",
    "measure_id": "Key of the measure",
    "measure": "Title of the measure",
    "lead": "Who answers for it to the Board",
    "source": "Who sends the figures",
    "kind": "count, proportion (per cent), mean, or money (pounds)",
    "unit": "Unit of the figures",
    "compared_as": "In what areas are compared",
    "good_direction": "up, down, or none where no judgement is made",
    "under_reported": "yes where more reports are good because the harm is under-reported",
    "area_code": "ONS (GSS) code where there is one, else ours",
    "area": "Name of the area",
    "area_type": "county, csp, district; service, outside or unknown for places that are no area",
    "local_priority": "yes where the area's partnership watches the measure most",
    "synthetic": "yes where a figure of the row rests on made-up sample data",
    "symbols": "Symbols used in the row, or none",
    "residents": "Residents by which the rate is divided: ONS mid-year estimate",
    "residents_mid_year": "Year of that estimate",
    "quarter_status": "Whether the quarter is reported, incomplete, not received or not applicable",
    "last_known_share": "Of a figure that was not received: its area's share of the county's total when last held",
    "quarter_number": "Count, total or part in the quarter",
    "quarter_out_of": "What it is part of or divided by",
    "quarter_figure": "The count, per cent, mean or pounds of the quarter",
    "rate": "Number for each 1,000 residents in the quarter",
    "lower": "Lower end of the 95% interval of the rate, or of the per cent",
    "upper": "Upper end of the 95% interval of the rate, or of the per cent",
    "last_year_status": "Whether the same quarter last year is reported",
    "last_year_number": "Count, total or part in the same quarter last year",
    "last_year_out_of": "What it was part of or divided by",
    "last_year_figure": "The count, per cent, mean or pounds of the same quarter last year",
    "change": "Figure less the same quarter last year's; for per cent in points",
    "change_percent": "That change in per cent of last year's figure",
    "year_status": "Whether all four quarters of the twelve months to the quarter's end are reported",
    "year_number": "Count, total or part in the twelve months",
    "year_out_of": "What it is part of or divided by",
    "year_figure": "The count, per cent, mean or pounds of the twelve months",
    "year_before_status": "Whether all four quarters of the twelve months before are reported",
    "year_before_number": "Count, total or part in the twelve months before",
    "year_before_out_of": "What it was part of or divided by",
    "year_before_figure": "The count, per cent, mean or pounds of the twelve months before",
    "year_change": "Twelve months' figure less that of the twelve months before; for per cent in points",
    "year_change_percent": "That change in per cent of the twelve months before",
    "direction_of_travel": "improving, deteriorating, no change, not enough data, methods disagree, or no judgement",
    "moving": "rising, falling or neither, whatever is good",
    "direction_by": "month or quarter: the points that are judged",
    "direction_because": "The rules that fired and their points",
    "direction_provisional": "yes where the limits rest on few points",
    "direction_break": "From when and why the series starts anew, or none",
    "target": "The target, in the unit in which points are judged",
    "assurance": "will meet, will miss, or hit or miss: what the control limits promise of the target",
    "beside_county": "better, worse, similar (higher, lower without a good direction); the area is part of the county",
    "funnel": "Where the count lies in the funnel around the county's rate",
    "place_first": "The highest place among the partnerships that chance leaves open; 1 is the highest value",
    "place_last": "The lowest place that chance leaves open",
    "places_among": "Among how many partnerships",
}
"""Every column of the tidy data in order, and what it says."""

RELEASE: Mapping[str, str] = {
    "draft": "draft, not for publication: small numbers are not suppressed",
    "release": "released: small numbers are hidden as [c]",
}

_TRAVELLING = tuple(COLUMNS)[list(COLUMNS).index("direction_of_travel") : list(COLUMNS).index("assurance") + 1]


def tidy(scorecard: Scorecard) -> pd.DataFrame:
    """The scorecard as text, one row a measure and area, columns as in ``COLUMNS``; no cell is empty."""
    by_id = {measure.id: measure for measure in scorecard.measures}
    rows = [_row(scorecard, by_id[line["measure_id"]], line) for line in scorecard.lines.to_dict("records")]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def tidy_csv(scorecard: Scorecard) -> bytes:
    """The tidy data as UTF-8 CSV with a heading line."""
    return tidy(scorecard).to_csv(index=False, lineterminator="\n").encode()


def _row(scorecard: Scorecard, measure: Measure, line: Line) -> dict[str, str]:
    area = geography.areas()[line["area_code"]]
    numbers: dict[str, str] = {
        column: symbol(line, column) if pd.isna(line[column]) else _digits(line[column]) for column in RESTS_ON
    }
    used = sorted({text for text in numbers.values() if text.startswith("[")})
    resident = not pd.isna(line["residents"])
    return {
        "quarter": scorecard.quarter.key,
        "quarter_start": scorecard.quarter.start.isoformat(),
        "quarter_end": scorecard.quarter.end.isoformat(),
        "release": RELEASE[captions.kind(scorecard)],
        "theme": measure.theme,
        "measure_id": measure.id,
        "measure": measure.title,
        "lead": measure.lead,
        "source": measure.source_name,
        "kind": measure.kind,
        "unit": unit(measure),
        "compared_as": compared_as(measure),
        "good_direction": scorecard.good[measure.id],
        "under_reported": _yes_no(measure.under_reported),
        "area_code": area.code,
        "area": area.name,
        "area_type": area.type.value,
        "local_priority": _yes_no(area.code in measure.priority_of),
        "synthetic": _yes_no(line["synthetic"]),
        "symbols": " ".join(used) or "none",
        "residents": _digits(line["residents"]) if resident else "[z]",
        "residents_mid_year": str(scorecard.residents.mid_year) if resident else "[z]",
        **{f"{period}_status": str(line[f"{period}_status"]) for period in PERIODS},
        "last_known_share": captions.not_received(scorecard, measure, area) or NOT_APPLICABLE,
        **numbers,
        **_travelling(scorecard.travel.get((measure.id, area.code))),
        **_beside(scorecard.beside.get((measure.id, area.code), Beside())),
    }


def _travelling(travel: Travel | None) -> dict[str, str]:
    if travel is None:
        return dict.fromkeys(_TRAVELLING, NOT_APPLICABLE)
    return dict(
        zip(
            _TRAVELLING,
            (
                travel.word,
                moving(travel),
                travel.by,
                travel.verdict.because,
                _yes_no(is_provisional(travel)),
                f"{travel.broken.label}: {travel.broken.reason}" if travel.broken else "none",
                _digits(travel.target.value) if travel.target else NOT_APPLICABLE,
                travel.assurance.value if travel.assurance else NOT_APPLICABLE,
            ),
            strict=True,
        )
    )


def _beside(beside: Beside) -> dict[str, str]:
    first, last = beside.rank or (NOT_APPLICABLE, NOT_APPLICABLE)
    return {
        "beside_county": beside.against_county or NOT_APPLICABLE,
        "funnel": beside.funnel or NOT_APPLICABLE,
        "place_first": str(first),
        "place_last": str(last),
        "places_among": str(beside.among) if beside.rank else NOT_APPLICABLE,
    }


def _digits(value: float) -> str:
    """Digits that a program reads: whole where it is whole, else with four decimals."""
    return f"{half_up(value, 0 if float(value).is_integer() else _DECIMALS)}"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
