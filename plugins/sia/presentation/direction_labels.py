"""The direction of travel and the comparisons of an area in words and marks for people; never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from sia.presentation.figures import BREAK, NOT_APPLICABLE, PROVISIONAL
from sia.scorecard.area_comparison import Beside, Funnel
from sia.scorecard.direction_of_travel import Travel
from sia.statistics.control_chart import Side
from sia.statistics.direction import Direction

_ICONS = {Side.HIGH: "↑", Side.LOW: "↓"}
_STILL = {Direction.NO_CHANGE: "→", Direction.METHODS_DISAGREE: "≠", Direction.NOT_ENOUGH_DATA: "…"}
_TONES = {Direction.IMPROVING: "good", Direction.DETERIORATING: "bad"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A direction as it is printed: an arrow, a word with its symbols, and a colour (``plain`` is none)."""

    icon: str
    word: str
    tone: str


def mark(travel: Travel) -> Mark:
    """The mark of a direction of travel."""
    verdict = travel.verdict
    icon = _STILL.get(verdict.direction) or (_ICONS[verdict.moving] if verdict.moving else "→")
    return Mark(icon, words(travel), _TONES.get(verdict.direction, "plain"))


def words(travel: Travel) -> str:
    """The word of a direction, with the symbols that belong to it."""
    symbols = [PROVISIONAL] if is_provisional(travel) else []
    symbols += [BREAK] if travel.broken else []
    return " ".join([travel.word, *symbols])


def is_provisional(travel: Travel) -> bool:
    """Whether a direction is given, by limits that are provisional."""
    return travel.verdict.provisional and travel.verdict.direction is not Direction.NOT_ENOUGH_DATA


def moving(travel: Travel) -> str:
    """Rising, falling, or neither, whatever is good."""
    side = travel.verdict.moving
    return "neither" if side is None else "rising" if side is Side.HIGH else "falling"


def because(travel: Travel) -> str:
    """The rules that fired and their points, and what that makes of a target."""
    told = travel.verdict.because
    if travel.target and travel.assurance:
        told += f" Target of {travel.target.value:g} ({travel.target.set_by}): {travel.assurance.value}."
    return told


def beside_county(beside: Beside | None) -> str:
    """Where an area lies against the county, and whether outside the funnel."""
    if beside is None or beside.against_county is None:
        return NOT_APPLICABLE
    outside = beside.funnel not in (None, Funnel.INSIDE)
    return f"{beside.against_county.value}{f', {beside.funnel.value}' if beside.funnel and outside else ''}"


def place(beside: Beside | None) -> str:
    """An area's place among the partnerships, or the places that chance leaves open."""
    if beside is None or beside.rank is None:
        return NOT_APPLICABLE
    first, last = beside.rank
    return f"{first if first == last else f'{first} to {last}'} of {beside.among}"
