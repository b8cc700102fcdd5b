"""Directions of travel as they are printed: an arrow, words, symbols and a colour; never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from sia.presentation import words
from sia.presentation.symbols import BREAK, NOT_APPLICABLE, PROVISIONAL
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.statistics.direction import Direction

_ARROWS = {"rising": "↑", "falling": "↓", None: "→"}
_ICONS = {
    Direction.NO_CLEAR_TREND: "→",
    Direction.TOO_FEW: "…",
    Direction.METHODS_DISAGREE: "≠",
    Direction.CHECK_RECORDING: "?",
    Direction.NOT_ENOUGH_DATA: "…",
    Direction.HIDDEN: "…",
}
_TONES = {Direction.IMPROVING: "good", Direction.DETERIORATING: "bad"}


@dataclass(frozen=True, slots=True)
class DirectionMark:
    """A direction as a page prints it; the tone ``plain`` has no colour."""

    icon: str
    word: str
    symbols: tuple[str, ...]
    tone: str


def mark(travel: DirectionOfTravel) -> DirectionMark:
    """The mark of a direction of travel."""
    return DirectionMark(
        icon=_ICONS.get(travel.direction) or _ARROWS[travel.moving],
        word=words.direction(travel),
        symbols=_symbols(travel),
        tone=_TONES.get(travel.direction, "plain"),
    )


def mark_or_symbol(travel: DirectionOfTravel | None) -> DirectionMark | str:
    """The mark of a direction of travel, or the symbol for none."""
    return NOT_APPLICABLE if travel is None else mark(travel)


def mark_text(travel: DirectionOfTravel) -> str:
    """The words of a direction with its symbols, for workbooks."""
    return " ".join((words.direction(travel), *_symbols(travel)))


def _symbols(travel: DirectionOfTravel) -> tuple[str, ...]:
    return (*([PROVISIONAL] if travel.provisional else []), *([BREAK] if travel.broken else []))
