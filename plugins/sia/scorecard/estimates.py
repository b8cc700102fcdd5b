"""From an amount to the figure that people read, and to the value with its interval that is compared."""

from __future__ import annotations

from math import isnan, nan

from sia.registers.measures import Measure
from sia.scorecard.amounts import Amount, Status
from sia.statistics.intervals import Estimate, count_interval, proportion_interval, rate, rate_interval

NO_ESTIMATE = Estimate(nan, nan, nan)


def applicable(measure: Measure, amount: Amount) -> Amount:
    """The amount; a share or mean whose denominator is 0 is not applicable."""
    if measure.denominator is None or amount.out_of != 0:
        return amount
    return Amount(Status.NOT_APPLICABLE, synthetic=amount.synthetic)


def figure_of(measure: Measure, amount: Amount) -> float:
    """The figure that people read: count, per cent, mean or pounds."""
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
        persons: the area's residents, if it has any: a rate is for each 1,000 of them.
    """
    amount = applicable(measure, amount)
    if amount.status is not Status.REPORTED:
        return NO_ESTIMATE
    if measure.has_rate and persons:
        return Estimate(rate(amount.number, persons), *rate_interval(amount.number, persons))
    if measure.kind == "count":
        return Estimate(amount.number, *count_interval(amount.number))
    # Detections of earlier quarters' crimes can outnumber a quarter's crimes: then it is a ratio, not part of a whole.
    if measure.kind == "proportion" and measure.has_interval and 0 <= amount.number <= amount.out_of:
        lower, upper = proportion_interval(amount.number, amount.out_of)
        return Estimate(figure_of(measure, amount), 100 * lower, 100 * upper)
    return Estimate(figure_of(measure, amount), nan, nan)


def incidents_per_unit(measure: Measure, amount: Amount, persons: int | None) -> float:
    """How many whole incidents make one unit of the value that is compared; NaN for means and money."""
    if measure.has_rate and persons:
        return persons / 1000
    if measure.kind == "proportion" and not measure.is_share_of_money:
        return amount.out_of / 100
    return 1.0 if measure.kind == "count" else nan


def known(value: float) -> float | None:
    """The value at 12 significant digits, the same on every machine; ``None`` for NaN."""
    return None if isnan(value) else float(f"{value:.12g}")
