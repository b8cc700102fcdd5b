"""The registry of statistics: every number of a scorecard, with what it needs, how people read it, and where it shows.

Data file, page, workbooks, papers, ledger and revision note all read this registry. To add a statistic, add one entry
with the function that works it out from amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import nan
from typing import Annotated, Any

from pydantic import Field

from sia.registers.measures import Measure
from sia.scorecard.amounts import LOOKBACK_QUARTERS, Amount, Status
from sia.scorecard.estimates import NO_ESTIMATE, estimate, figure_of, known
from sia.scorecard.periods import LAST_YEAR, QUARTER, YEAR, YEAR_BEFORE, ReportingPeriod
from sia.statistics.intervals import Estimate


class Quantity(StrEnum):
    """What sort of quantity a statistic is; with the measure it decides unit and decimals."""

    NUMBER = "number"
    OUT_OF = "out_of"
    FIGURE = "figure"
    COMPARED_VALUE = "compared_value"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"


class Concerns(StrEnum):
    """The measures for which a statistic says anything that the figure itself does not say."""

    EVERY_MEASURE = "every_measure"
    WITH_RATE = "with_rate"
    WITH_INTERVAL = "with_interval"
    WITH_DENOMINATOR = "with_denominator"

    def includes(self, measure: Measure) -> bool:
        """Whether a measure is one of them."""
        match self:
            case Concerns.WITH_RATE:
                return measure.has_rate
            case Concerns.WITH_INTERVAL:
                return measure.has_interval
            case Concerns.WITH_DENOMINATOR:
                return measure.denominator is not None
            case _:
                return True


class Outlet(StrEnum):
    """Where a statistic shows, besides the data file, the ledger and the revision note, which hold all of them."""

    PAGE = "page"
    WORKBOOK = "workbook"
    CSP_REPORT = "csp_report"
    DISTRICTS = "districts"
    ASSESSMENT = "assessment"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a statistic is worked out from: the amounts of its periods in one area, and the area's residents."""

    measure: Measure
    amounts: Sequence[Amount]
    persons: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One statistic of one measure and area: a value, or a status that says why there is none."""

    value: float | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """An entry of the registry.

    ``id``: its name in data files. ``periods``: those whose amounts it would give away. ``name``: for sentences;
    ``{unit}`` is the measure's unit. ``description``: for the data dictionary. ``heading``: of its column; ``{0}`` and
    ``{1}`` are its periods. ``page_heading``: where a page says it otherwise. ``joined``: on a page it shares the cell
    of the statistic before it, in this pattern. ``key_figure``: its label among the key figures, if it is one.
    ``shows_incomplete``: it is shown, though never compared, for a period in which months are missing. ``decimals``:
    where they differ from those of its quantity. ``work_out``: its value from reported amounts, NaN if not applicable.
    """

    id: str
    periods: tuple[ReportingPeriod, ...]
    quantity: Quantity
    name: str
    description: str
    heading: str
    page_heading: str | None = None
    joined: str | None = None
    key_figure: str | None = None
    shows_in: tuple[Outlet, ...] = ()
    concerns: Concerns = Concerns.EVERY_MEASURE
    shows_incomplete: bool = False
    decimals: int | None = None
    work_out: Annotated[Callable[[Basis], float] | None, Field(exclude=True)] = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for period in self.periods:
            if period.quarters + period.quarters_ago > LOOKBACK_QUARTERS:
                raise ValueError(
                    f"{self.id}: a scorecard looks back {LOOKBACK_QUARTERS} quarters, {period.id} needs more"
                )

    def figure(self, basis: Basis, *, comparable: bool) -> Figure:
        """The figure, from the amounts of its periods in their order.

        Args:
            basis: what it is worked out from.
            comparable: whether there is no break between its periods.
        """
        status = self._status([amount.status for amount in basis.amounts], comparable=comparable)
        shown = {Status.REPORTED, Status.INCOMPLETE} if self.shows_incomplete else {Status.REPORTED}
        if status not in shown or self.work_out is None:
            return Figure(None, status)
        value = known(self.work_out(basis))
        return Figure(value, Status.NOT_APPLICABLE if value is None else status)

    def _status(self, statuses: Sequence[Status], *, comparable: bool) -> Status:
        """The status of the figure: the first of these that any of its periods has."""
        for status in (Status.CONFIDENTIAL, Status.NOT_RECEIVED, Status.WITHHELD, Status.INCOMPLETE, Status.BY_YEAR):
            if status in statuses:
                return status
        if not comparable:
            return Status.NOT_COMPARABLE
        return Status.NOT_APPLICABLE if Status.NOT_APPLICABLE in statuses else Status.REPORTED


def periods_of(statistics: Iterable[Statistic]) -> tuple[ReportingPeriod, ...]:
    """Every period that statistics need, each once, in their order."""
    return tuple(dict.fromkeys(period for statistic in statistics for period in statistic.periods))


def _number(basis: Basis) -> float:
    return basis.amounts[0].number


def _out_of(basis: Basis) -> float:
    return basis.amounts[0].out_of


def _figure(basis: Basis) -> float:
    return figure_of(basis.measure, basis.amounts[0])


def _rate(basis: Basis) -> float:
    return _compared(basis).value if basis.measure.has_rate else nan


def _lower(basis: Basis) -> float:
    return _compared(basis).lower


def _upper(basis: Basis) -> float:
    return _compared(basis).upper


def _compared(basis: Basis) -> Estimate:
    """The value that areas are compared by, if it has an interval: a rate or a percentage."""
    measure = basis.measure
    if not measure.has_interval or (measure.has_rate and not basis.persons):
        return NO_ESTIMATE
    return estimate(measure, basis.amounts[0], basis.persons)


def _change(basis: Basis) -> float:
    now, before = (figure_of(basis.measure, amount) for amount in basis.amounts)
    return now - before


def _percent_change(basis: Basis) -> float:
    """The change in per cent of what it was; a percentage changes in points alone, and nothing has no percentage."""
    before = figure_of(basis.measure, basis.amounts[1])
    return 100 * _change(basis) / before if before > 0 and basis.measure.kind != "proportion" else nan


def _of_period(
    period: ReportingPeriod, shows_in: Iterable[Outlet], *, key_figure: str | None = None
) -> tuple[Statistic, Statistic, Statistic]:
    """A period's figure as people read it, and the number and the denominator behind it."""
    figure = Statistic(
        id=f"{period.id}_figure",
        periods=(period,),
        quantity=Quantity.FIGURE,
        name=f"{{unit}} in {period.words}",
        description=f"The count, per cent, mean or pounds of {period.words}",
        heading="{0}",
        key_figure=key_figure,
        shows_in=tuple(shows_in),
        shows_incomplete=period is QUARTER,
        work_out=_figure,
    )
    number = Statistic(
        id=f"{period.id}_number",
        periods=(period,),
        quantity=Quantity.NUMBER,
        name=f"Number in {period.words}",
        description=f"The count, the total, or the part in {period.words}",
        heading="Number",
        shows_in=_SCORECARD if period is QUARTER else (),
        concerns=Concerns.WITH_DENOMINATOR,
        shows_incomplete=period is QUARTER,
        work_out=_number,
    )
    out_of = Statistic(
        id=f"{period.id}_out_of",
        periods=(period,),
        quantity=Quantity.OUT_OF,
        name=f"Out of, in {period.words}",
        description="What that number is part of, or is divided by",
        heading="Out of",
        shows_in=_SCORECARD if period is QUARTER else (),
        concerns=Concerns.WITH_DENOMINATOR,
        shows_incomplete=period is QUARTER,
        work_out=_out_of,
    )
    return figure, number, out_of


def _change_between(
    prefix: str, now: ReportingPeriod, before: ReportingPeriod, heading: str, shows_in: Iterable[Outlet], **more: Any
) -> tuple[Statistic, Statistic]:
    """The change from one period to another, as it is and in per cent."""
    change = Statistic(
        id=f"{prefix}change",
        periods=(now, before),
        quantity=Quantity.CHANGE,
        name=f"Change on {before.words}",
        description=f"The figure of {now.words} less that of {before.words}; for percentages in points",
        heading=heading,
        shows_in=tuple(shows_in),
        work_out=_change,
        **more,
    )
    percent = Statistic(
        id=f"{prefix}change_percent",
        periods=(now, before),
        quantity=Quantity.PERCENT_CHANGE,
        name=f"Change on {before.words}, in per cent",
        description=f"That change in per cent of {before.words}",
        heading=f"{heading} (per cent)",
        joined="{} ({})",
        shows_in=tuple(shows_in),
        work_out=_percent_change,
    )
    return change, percent


def _compared_value(id: str, name: str, heading: str, work_out: Callable[[Basis], float], **more: Any) -> Statistic:  # noqa: A002
    """The value of the quarter that areas are compared by, or an end of its interval."""
    return Statistic(
        id=id,
        periods=(QUARTER,),
        quantity=Quantity.COMPARED_VALUE,
        name=name,
        description=name,
        heading=heading,
        shows_in=_SCORECARD,
        work_out=work_out,
        **more,
    )


_SCORECARD = (Outlet.PAGE, Outlet.WORKBOOK)
_QUARTERLY = (*_SCORECARD, Outlet.CSP_REPORT)
_YEARLY = (*_QUARTERLY, Outlet.ASSESSMENT)

QUARTER_FIGURE, QUARTER_NUMBER, QUARTER_OUT_OF = _of_period(QUARTER, (*_QUARTERLY, Outlet.DISTRICTS), key_figure="{0}")
RATE = _compared_value(
    "rate",
    "Number for each 1,000 residents in the quarter",
    "Rate per 1,000 residents",
    _rate,
    concerns=Concerns.WITH_RATE,
    key_figure="for each 1,000 residents",
)
LOWER = _compared_value(
    "lower",
    "Lower end of the 95% interval of the rate or percentage",
    "95% interval: lower end",
    _lower,
    concerns=Concerns.WITH_INTERVAL,
    page_heading="95% interval",
)
UPPER = _compared_value(
    "upper",
    "Upper end of the 95% interval of the rate or percentage",
    "95% interval: upper end",
    _upper,
    concerns=Concerns.WITH_INTERVAL,
    joined="{} to {}",
)
CHANGE, CHANGE_PERCENT = _change_between("", QUARTER, LAST_YEAR, "Change", _QUARTERLY, key_figure="compared with {1}")
YEAR_FIGURE, YEAR_NUMBER, YEAR_OUT_OF = _of_period(YEAR, (*_YEARLY, Outlet.DISTRICTS), key_figure="{0}")
YEAR_CHANGE, YEAR_CHANGE_PERCENT = _change_between("year_", YEAR, YEAR_BEFORE, "Change over the year", _YEARLY)

STATISTICS: tuple[Statistic, ...] = (
    QUARTER_FIGURE,
    RATE,
    LOWER,
    UPPER,
    QUARTER_NUMBER,
    QUARTER_OUT_OF,
    *_of_period(LAST_YEAR, _QUARTERLY),
    CHANGE,
    CHANGE_PERCENT,
    YEAR_FIGURE,
    YEAR_NUMBER,
    YEAR_OUT_OF,
    *_of_period(YEAR_BEFORE, _YEARLY),
    YEAR_CHANGE,
    YEAR_CHANGE_PERCENT,
)
"""Every statistic, in the order of columns."""
