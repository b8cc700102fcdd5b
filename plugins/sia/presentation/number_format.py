"""Numbers as people read them: rounded half up, with pounds, per cent and units, or the symbol that says why none."""

from __future__ import annotations

from collections.abc import Mapping

from sia.presentation import words
from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.line import Line
from sia.scorecard.registry import Quantity, Statistic
from sia.statistics.intervals import half_up

MINUS = "\N{MINUS SIGN}"
SAME = "the same"
_SINGULAR: Mapping[str, str] = {"people": "person", "properties": "property"}
_CHANGES = frozenset({Quantity.CHANGE, Quantity.PERCENT_CHANGE})


def in_pounds(measure: Measure) -> bool:
    """Whether a measure's figure is an amount of money."""
    return measure.unit.startswith("GBP") and not measure.is_share_of_money


def is_money(measure: Measure, quantity: Quantity) -> bool:
    """Whether a quantity of a measure is an amount of money."""
    if measure.is_share_of_money:
        return quantity in {Quantity.NUMBER, Quantity.OUT_OF}
    return in_pounds(measure) and quantity not in {Quantity.OUT_OF, Quantity.PERCENT_CHANGE}


def unit(measure: Measure) -> str:
    """The unit of a measure's figure, in words."""
    return "per cent" if measure.kind == "proportion" else measure.unit.replace("GBP", "pounds")


A_YEAR = "a year for each 1,000 residents"
"""The unit of an annual rate."""


def annual_unit(measure: Measure) -> str:
    """The unit of a measure's year, in words: of its annual rate where it has one."""
    if measure.has_rate:
        return A_YEAR
    return f"{measure.unit} a year" if measure.kind == "count" else unit(measure)


def unit_of(measure: Measure, shown: str) -> str:
    """What a measure counts, behind a number that is shown: ``1 crime``, ``2 crimes``."""
    text = measure.unit.removeprefix("GBP ")
    if shown != "1":
        return text
    first, *rest = text.split()
    return " ".join(
        _SINGULAR.get(word, word) for word in (first if first in _SINGULAR else first.removesuffix("s"), *rest)
    )


def compared_unit(measure: Measure) -> str:
    """The unit in which a measure is compared between areas."""
    return "rate per 1,000 residents" if measure.has_rate else unit(measure)


def decimals(measure: Measure, quantity: Quantity) -> int:
    """How many decimals a quantity of a measure is shown with."""
    pounds = in_pounds(measure)
    match quantity:
        case Quantity.PERCENT_CHANGE:
            return 1
        case Quantity.OUT_OF:
            return 0
        case Quantity.NUMBER:
            return 2 if is_money(measure, quantity) else 0
        case Quantity.COMPARED_VALUE if measure.has_rate:
            return 2
        case _:
            return 2 if pounds else int(measure.kind in ("proportion", "mean"))


def decimals_of(measure: Measure, statistic: Statistic) -> int:
    """How many decimals a statistic of a measure is shown with."""
    return decimals(measure, statistic.quantity) if statistic.decimals is None else statistic.decimals


def digits(value: float, places: int) -> str:
    """A number with thousands separated and a true minus sign."""
    return f"{half_up(value, places):,}".replace("-", MINUS)


def data_digits(value: float) -> str:
    """Digits that a program reads: whole where the number is whole, else with four decimals."""
    return f"{half_up(value, 0 if float(value).is_integer() else 4)}"


def format_number(measure: Measure, quantity: Quantity, value: float, places: int | None = None) -> str:
    """A quantity of a measure with its sign for pounds or per cent."""
    text = digits(value, decimals(measure, quantity) if places is None else places)
    if measure.kind == "proportion" and quantity in {Quantity.FIGURE, Quantity.COMPARED_VALUE}:
        return f"{text}%"
    if is_money(measure, quantity):
        return f"{MINUS}£{text[1:]}" if text.startswith(MINUS) else f"£{text}"
    return text


def format_known(measure: Measure, quantity: Quantity, value: float | None, status: Status) -> str:
    """A quantity of a measure, or the symbol that says why there is none."""
    return words.symbol(status) if value is None else format_number(measure, quantity, value)


def format_value(measure: Measure, statistic: Statistic, value: float) -> str:
    """A statistic of a measure; a change has its sign."""
    places = decimals_of(measure, statistic)
    text = format_number(measure, statistic.quantity, value, places)
    if statistic.quantity not in _CHANGES:
        return text
    if half_up(value, places) == 0:
        return SAME
    signed = text if text.startswith(MINUS) else f"+{text}"
    if statistic.quantity is Quantity.PERCENT_CHANGE:
        return f"{signed}%"
    return f"{signed} points" if measure.kind == "proportion" else signed


def format_figure(measure: Measure, line: Line, statistic: Statistic) -> str:
    """A figure of a line, or the symbol that says why there is none."""
    figure = line.figures[statistic.id]
    return words.symbol(figure.status) if figure.value is None else format_value(measure, statistic, figure.value)


def share_of_whole(per_cent: float) -> str:
    """A part of a whole in whole per cent; a part that is not nothing is never shown as 0%."""
    return "less than 1%" if 0 < per_cent < 0.5 else f"{digits(per_cent, 0)}%"
