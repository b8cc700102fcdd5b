"""Amounts: what each measure came to in each area over each span of months, with what is known about it.

Everything on a scorecard is worked out from amounts. Disclosure control works on amounts and nothing else, so what is
worked out from the amounts that it leaves cannot contain one that it hid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import nan
from typing import NamedTuple

from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span
from sia.geography import Area, Areas, AreaType
from sia.registers.measures import Measure
from sia.scorecard.periods import ReportingPeriod

QUARTERS_SHOWN = 8
"""A quarter and the seven before it: two rolling years, the same quarter last year, and the trend chart."""

LOOKBACK_QUARTERS = 20
"""Five years: how far back a direction of travel looks if no break comes first, and how long a period may be."""


class Status(StrEnum):
    """The status of an amount or a figure."""

    REPORTED = "reported"
    INCOMPLETE = "incomplete"
    WITHHELD = "withheld"
    NOT_RECEIVED = "not_received"
    NOT_APPLICABLE = "not_applicable"
    CONFIDENTIAL = "confidential"
    BY_YEAR = "by_year"
    NOT_COMPARABLE = "not_comparable"

    @property
    def is_hidden(self) -> bool:
        """Whether there is an amount that the release does not show."""
        return self in {Status.CONFIDENTIAL, Status.BY_YEAR}

    @property
    def is_received(self) -> bool:
        """Whether anything was received, be it complete or shown."""
        return self in {Status.REPORTED, Status.INCOMPLETE, Status.WITHHELD} or self.is_hidden


class Observation(NamedTuple):
    """A measure's numerator and denominator in an area and quarter; ``None`` where there is none."""

    measure_id: str
    area_code: str
    quarter_key: str
    numerator: float | None
    denominator: float | None
    complete: bool
    synthetic: bool
    missing_reason: str | None = None


class MonthlyObservation(NamedTuple):
    """A measure's numerator and denominator in an area and month, for the returns that count by month."""

    measure_id: str
    area_code: str
    starts_on: date
    numerator: float | None
    denominator: float | None
    synthetic: bool
    missing_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """What a measure came to in an area over a span: NaN unless it is reported or incomplete."""

    status: Status
    number: float = nan
    out_of: float = nan
    synthetic: bool = False


NOT_RECEIVED = Amount(Status.NOT_RECEIVED)
NOT_DEFINED = Amount(Status.NOT_APPLICABLE)

Place = tuple[str, str]
"""A measure's id and an area's code."""

AmountKey = tuple[str, str, Span]
"""A measure's id, an area's code and a span."""

AmountsByCell = Mapping[AmountKey, Amount]
"""Amounts by measure, area and span; a missing key means not received."""


def lookback_quarters(quarter: Quarter) -> list[Quarter]:
    """The quarters whose amounts a scorecard may use, oldest first."""
    return quarters_between(quarter.plus(1 - LOOKBACK_QUARTERS), quarter)


def collect_amounts(
    observations: Iterable[Observation],
    months: Iterable[MonthlyObservation],
    measures: Sequence[Measure],
    areas: Areas,
    quarter: Quarter,
    periods: Iterable[ReportingPeriod],
) -> dict[AmountKey, Amount]:
    """The amounts of a quarter's scorecard: of quarters, of longer periods, and of months where they are known."""
    by_id = {measure.id: measure for measure in measures}
    window = {past.key: Span.quarter(past) for past in lookback_quarters(quarter)}
    first, after = next(iter(window.values())).first, Span.quarter(quarter).after
    amounts: dict[AmountKey, Amount] = {}
    for row in observations:
        measure, span = by_id.get(row.measure_id), window.get(row.quarter_key)
        if measure and span:
            is_whole = row.complete and measure.is_whole_in(Quarter.parse(row.quarter_key))
            status = Status.REPORTED if is_whole else Status.INCOMPLETE
            amounts[measure.id, row.area_code, span] = _amount(measure, row, status)
    for month in months:
        measure, span = by_id.get(month.measure_id), Span.months(month.starts_on, 1)
        if measure and first <= span.first < after:
            amounts[measure.id, month.area_code, span] = _amount(measure, month, Status.REPORTED)
    longer = [(period.span(quarter), period) for period in periods if period.quarters > 1]
    areas_of = areas_by_measure(measures, amounts, areas)
    for measure in measures:
        for area in areas_of[measure.id]:
            for span, period in longer:
                total = _total(measure, area.code, amounts, period, quarter)
                if total.status is Status.REPORTED:
                    amounts[measure.id, area.code, span] = total
    return amounts


def quarter_amount(amounts: AmountsByCell, measure: Measure, area_code: str, quarter: Quarter) -> Amount:
    """The amount of a quarter, if the measure was defined then."""
    if not measure.defined_in(quarter):
        return NOT_DEFINED
    return amounts.get((measure.id, area_code, Span.quarter(quarter)), NOT_RECEIVED)


def period_amount(
    amounts: AmountsByCell, measure: Measure, area_code: str, period: ReportingPeriod, quarter: Quarter
) -> Amount:
    """The amount of a period on the scorecard of a quarter; without one, why there is none."""
    if period.quarters == 1:
        return quarter_amount(amounts, measure, area_code, period.last(quarter))
    amount = amounts.get((measure.id, area_code, period.span(quarter)))
    return amount or _total(measure, area_code, amounts, period, quarter)


def areas_by_measure(measures: Sequence[Measure], amounts: AmountsByCell, areas: Areas) -> dict[str, list[Area]]:
    """For each measure: county, partnerships and districts, and those other places for which it has an amount."""
    with_amounts: dict[str, set[str]] = {measure.id: set() for measure in measures}
    for measure_id, area_code, _ in amounts:
        with_amounts[measure_id].add(area_code)
    others = {AreaType.SERVICE, AreaType.OUTSIDE, AreaType.UNKNOWN}
    return {
        measure_id: [area for area in areas.values() if area.type not in others or area.code in codes]
        for measure_id, codes in with_amounts.items()
    }


def _amount(measure: Measure, row: Observation | MonthlyObservation, status: Status) -> Amount:
    """The amount of a row; a share or mean is withheld or not received if its denominator is."""
    if row.missing_reason is not None:
        return Amount(Status.WITHHELD, synthetic=row.synthetic)
    if row.numerator is None or (measure.denominator is not None and row.denominator is None):
        return NOT_RECEIVED
    out_of = nan if row.denominator is None else float(row.denominator)
    return Amount(status, float(row.numerator), out_of, row.synthetic)


def _total(
    measure: Measure, area_code: str, amounts: AmountsByCell, period: ReportingPeriod, quarter: Quarter
) -> Amount:
    """The sum of a period's quarters: reported if all are, and without a number if one is not."""
    parts = [quarter_amount(amounts, measure, area_code, part) for part in period.quarters_of(quarter)]
    for status in (Status.NOT_APPLICABLE, Status.NOT_RECEIVED, Status.WITHHELD, Status.INCOMPLETE, Status.CONFIDENTIAL):
        if any(part.status is status for part in parts):
            return Amount(status)
    if any(part.status is Status.BY_YEAR for part in parts):
        # If all of them were complete, their sum would be an amount already.
        return Amount(Status.INCOMPLETE)
    return Amount(
        Status.REPORTED,
        sum(part.number for part in parts),
        sum(part.out_of for part in parts),
        any(part.synthetic for part in parts),
    )
