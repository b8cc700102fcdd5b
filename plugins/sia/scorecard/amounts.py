"""What measures came to: an amount for each measure, area and span of months, with what can be said of it.

Everything on a scorecard is made of these amounts. Disclosure control works on them and nothing else, so that what is
made of the amounts that it leaves cannot hold one that it hid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan

import pandas as pd

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span
from sia.geography import Area, AreaType
from sia.registers.measures import Measure

QUARTERS_SHOWN = 8
"""A quarter and the seven before it: two rolling years, the same quarter last year, and the trend picture."""

QUARTERS_JUDGED = 20
"""Five years: as far back as a direction of travel looks where no break comes first."""


class Status(StrEnum):
    """What can be said of an amount."""

    REPORTED = "reported"
    INCOMPLETE = "incomplete"
    NOT_RECEIVED = "not received"
    NOT_APPLICABLE = "not applicable"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True)
class Amount:
    """What a measure came to in an area over a span."""

    status: Status
    number: float = nan
    out_of: float = nan
    synthetic: bool = False


NOTHING_RECEIVED = Amount(Status.NOT_RECEIVED)
NOT_DEFINED = Amount(Status.NOT_APPLICABLE)

Held = Mapping[tuple[str, str, Span], Amount]
"""Amounts by measure, area and span; none where nothing was received."""


def judged(quarter: Quarter) -> list[Quarter]:
    """The quarters that a direction of travel may look at, oldest first."""
    return quarters_between(quarter.plus(1 - QUARTERS_JUDGED), quarter)


def amounts(
    observations: pd.DataFrame, months: pd.DataFrame, measures: Sequence[Measure], quarter: Quarter
) -> dict[tuple[str, str, Span], Amount]:
    """The amounts of a quarter's scorecard: of quarters, of the two rolling years, and of months where they are known.

    Args:
        observations: one row a measure, area and quarter: ``measure_id, area_code, quarter_key, numerator,
            denominator, complete, synthetic``; no row means not received.
        months: one row a measure, area and month, for returns that count by month: ``measure_id, area_code,
            starts_on, numerator, denominator, synthetic``.
        measures: the register.
        quarter: the quarter.
    """
    by_id = {measure.id: measure for measure in measures}
    window = set(judged(quarter))
    held: dict[tuple[str, str, Span], Amount] = {}
    for row in observations.itertuples(index=False):
        reported = Quarter.parse(str(row.quarter_key))
        measure = by_id.get(str(row.measure_id))
        if measure and reported in window:
            status = Status.REPORTED if row.complete else Status.INCOMPLETE
            held[measure.id, str(row.area_code), Span.quarter(reported)] = _amount(measure, row, status)
    for row in months.itertuples(index=False):
        measure = by_id.get(str(row.measure_id))
        if measure and Quarter.containing(row.starts_on) in window:  # type: ignore[arg-type]
            span = Span.months(row.starts_on, 1)  # type: ignore[arg-type]
            held[measure.id, str(row.area_code), span] = _amount(measure, row, Status.REPORTED)
    for measure in measures:
        for area in areas_of(measure, held):
            for last in (quarter, quarter.same_quarter_last_year()):
                year = _together([quarter_of(held, measure, area.code, last.plus(-back)) for back in range(4)])
                if year.status is Status.REPORTED:
                    held[measure.id, area.code, Span.year_to(last)] = year
    return held


def quarter_of(held: Held, measure: Measure, area_code: str, quarter: Quarter) -> Amount:
    """What is held of a quarter, if the measure was defined then."""
    if not measure.defined_in(quarter):
        return NOT_DEFINED
    return held.get((measure.id, area_code, Span.quarter(quarter)), NOTHING_RECEIVED)


def year_to(held: Held, measure: Measure, area_code: str, quarter: Quarter) -> Amount:
    """What is held of the twelve months to a quarter's end; without a sum, why there is none."""
    held_so = held.get((measure.id, area_code, Span.year_to(quarter)))
    return held_so or _together([quarter_of(held, measure, area_code, quarter.plus(-back)) for back in range(4)])


def areas_of(measure: Measure, held: Held) -> list[Area]:
    """County, partnerships and districts, and of the places that are no area those with figures for the measure."""
    given = {area for measure_id, area, _ in held if measure_id == measure.id}
    beside = {AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN}
    return [area for area in geography.areas().values() if area.type not in beside or area.code in given]


def _amount(measure: Measure, row: object, status: Status) -> Amount:
    """A row's amount; a share of an unknown whole is not held."""
    number, out_of = _number(row.numerator), _number(row.denominator)  # type: ignore[attr-defined]
    if isnan(number) or (measure.denominator is not None and isnan(out_of)):
        return NOTHING_RECEIVED
    return Amount(status, number, out_of, bool(row.synthetic))  # type: ignore[attr-defined]


def _number(value: object) -> float:
    return nan if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]


def _together(parts: Sequence[Amount]) -> Amount:
    """The sum of quarters: complete if all are, and with no number at all if one has none."""
    for status in (Status.NOT_APPLICABLE, Status.NOT_RECEIVED, Status.INCOMPLETE, Status.CONFIDENTIAL):
        if any(amount.status is status for amount in parts):
            return Amount(status)
    return Amount(
        Status.REPORTED,
        sum(amount.number for amount in parts),
        sum(amount.out_of for amount in parts),
        any(amount.synthetic for amount in parts),
    )
