"""Figures in words and digits for people: rounded half up, with a symbol where there is none.

Symbols: Government Statistical Service, "Symbols in tables: definitions and help".
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from sia.registers.measures import Measure
from sia.scorecard.amounts import Status
from sia.scorecard.scorecard import RESTS_ON, Line
from sia.statistics.intervals import half_up

NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"
CONFIDENTIAL = "[c]"
BREAK = "[b]"
PROVISIONAL = "[p]"
REVISED = "[r]"
SYMBOLS: Mapping[str, str] = {
    NOT_AVAILABLE: (
        "not available: the return was not received, was refused, says nothing of the area, or lacks months that the "
        "figure needs"
    ),
    NOT_APPLICABLE: "not applicable: the measure is not defined so, or it would be a share of nothing",
    CONFIDENTIAL: "confidential: a small number of people, or a figure that would give one away",
    BREAK: "break: what was counted or how changed between the periods, so that they are not compared",
    PROVISIONAL: "provisional: judged by limits that rest on few points, or a figure that may be revised again",
    REVISED: "revised: a figure that an earlier release gave otherwise",
}
_ONE = {"people": "person", "properties": "property"}
MINUS = "\N{MINUS SIGN}"


def symbol(line: Line, column: str) -> str:
    """Why a number is not there, as a symbol."""
    statuses = {line[f"{period}_status"] for period in RESTS_ON[column]}
    if Status.CONFIDENTIAL in statuses:
        return CONFIDENTIAL
    if statuses & {Status.NOT_RECEIVED, Status.INCOMPLETE}:
        return NOT_AVAILABLE
    if line.get(f"{column.removesuffix('_percent')}_broken", False):
        return BREAK
    return NOT_APPLICABLE


def gap(status: str) -> str:
    """Why a period has no value, as a symbol."""
    return {Status.CONFIDENTIAL: CONFIDENTIAL, Status.NOT_APPLICABLE: NOT_APPLICABLE}.get(Status(status), NOT_AVAILABLE)


def in_pounds(measure: Measure) -> bool:
    """Whether a measure's figure is an amount of money."""
    return measure.unit.startswith("GBP")


def is_money(measure: Measure, column: str) -> bool:
    """Whether a number of a line is an amount of money."""
    return in_pounds(measure) and not column.endswith(("out_of", "percent"))


def unit(measure: Measure) -> str:
    """The unit of a measure's figure, in words."""
    return "per cent" if measure.kind == "proportion" else measure.unit.replace("GBP", "pounds")


def unit_of(measure: Measure, shown: str) -> str:
    """The unit of a measure as it stands behind a figure that is shown: ``1 crime``, ``2 crimes``."""
    words = unit(measure).removeprefix("pounds ")
    if shown != "1":
        return words
    first, *rest = words.split()
    return " ".join(_ONE.get(word, word) for word in (first.removesuffix("s") if first not in _ONE else first, *rest))


def compared_as(measure: Measure) -> str:
    """In what a measure is compared between areas."""
    return "rate per 1,000 residents" if measure.has_rate else unit(measure)


def places(measure: Measure, column: str) -> int:
    """How many decimals a number of a line is shown with."""
    match column.rpartition("_")[2]:
        case "rate" | "lower" | "upper" | "value" if measure.has_rate:
            return 2
        case "lower" | "upper" | "value" | "figure" | "change" if measure.kind in ("proportion", "mean"):
            return 2 if in_pounds(measure) else 1
        case "percent":
            return 1
        case "of":
            return 0
        case _:
            return 2 if in_pounds(measure) else 0


def digits(value: float, decimals: int) -> str:
    """A number with thousands separated and a true minus sign."""
    return f"{half_up(value, decimals):,}".replace("-", MINUS)


def share_of_whole(per_cent: float) -> str:
    """A part of a whole in whole per cent; a part that is not nothing is never told as 0%."""
    return "less than 1%" if 0 < per_cent < 0.5 else f"{digits(per_cent, 0)}%"


def plain(measure: Measure, column: str, value: float) -> str:
    """A number of a line with its sign of pound or per cent; ``value`` is what is compared between areas."""
    text = digits(value, places(measure, column))
    if column == "value" and measure.has_rate:
        return text
    if measure.kind == "proportion" and column.endswith(("figure", "lower", "upper", "value")):
        return f"{text}%"
    if is_money(measure, column):
        return f"{MINUS}£{text[1:]}" if text.startswith(MINUS) else f"£{text}"
    return text


def shown(measure: Measure, line: Line, column: str) -> str:
    """A number of a line for people, or the symbol that says why there is none."""
    value = line[column]
    if isnan(value):
        return symbol(line, column)
    if "change" not in column:
        return plain(measure, column, value)
    text = plain(measure, column, value)
    if half_up(value, places(measure, column)) == 0:
        return "no change"
    signed = text if text.startswith(MINUS) else f"+{text}"
    if column.endswith("percent"):
        return f"{signed}%"
    return f"{signed} points" if measure.kind == "proportion" else signed


def good_direction(measure: Measure, good: str) -> str:
    """The direction of travel that is good, as a sentence."""
    if good == "none":
        return "No direction is good or bad in itself."
    if measure.under_reported and good == "up":
        return "More is good: this harm is under-reported."
    return "Up is good." if good == "up" else "Down is good."
