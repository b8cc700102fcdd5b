"""From an amount to the figure that is read, and to the value with its interval that is compared."""

from __future__ import annotations

from math import nan

from sia.registers.measures import Measure
from sia.scorecard.amounts import Amount, Status
from sia.statistics.intervals import count_interval, proportion_interval, rate, rate_interval
from sia.statistics.trend import Estimate

NO_ESTIMATE = Estimate(nan, nan, nan)


def applicable(measure: Measure, amount: Amount) -> Amount:
    """The amount; a share of nothing is not applicable."""
    if measure.denominator is None or amount.out_of != 0:
        return amount
    return Amount(Status.NOT_APPLICABLE, synthetic=amount.synthetic)


def figure(measure: Measure, amount: Amount) -> float:
    """The figure that is read: count, per cent, mean or pounds."""
    if measure.kind == "proportion":
        return 100 * amount.number / amount.out_of
    if measure.kind == "mean":
        return amount.number / amount.out_of
    return amount.number


def estimate(measure: Measure, amount: Amount, persons: int | None) -> Estimate:
    """The value that is compared over time and between areas, with its 95 per cent interval where it has one.

    Args:
        measure: the measure.
        amount: what it came to.
        persons: the area's residents, if it has any: rates are for each 1,000 of them.
    """
    amount = applicable(measure, amount)
    if amount.status is not Status.REPORTED:
        return NO_ESTIMATE
    if measure.has_rate and persons:
        return Estimate(rate(amount.number, persons), *rate_interval(amount.number, persons))
    if measure.kind == "count":
        return Estimate(amount.number, *count_interval(amount.number))
    # Detections of earlier quarters' crimes can outnumber a quarter's crimes: a ratio then, and no part of a whole.
    if measure.kind == "proportion" and 0 <= amount.number <= amount.out_of:
        lower, upper = proportion_interval(amount.number, amount.out_of)
        return Estimate(figure(measure, amount), 100 * lower, 100 * upper)
    return Estimate(figure(measure, amount), nan, nan)


def incidents_per_unit(measure: Measure, amount: Amount, persons: int | None) -> float:
    """How many whole incidents make one unit of the value that is compared; missing where it is no count of any."""
    if measure.has_rate and persons:
        return persons / 1000
    if measure.kind == "proportion":
        return amount.out_of / 100
    return 1.0 if measure.kind == "count" else nan
