"""The words for people of every status, direction and comparison, each once."""

from __future__ import annotations

from collections.abc import Mapping

from sia.presentation.symbols import BREAK, BY_YEAR, CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE, WITHHELD
from sia.scorecard.amounts import Status
from sia.scorecard.area_comparison import AreaComparison, FunnelPosition
from sia.scorecard.direction_of_travel import DirectionOfTravel
from sia.scorecard.return_status import ReturnState
from sia.statistics.comparison import GoodDirection
from sia.statistics.control_chart import Assurance
from sia.statistics.direction import Direction
from sia.statistics.intervals import half_up

_STATUS_SYMBOLS: Mapping[Status, str] = {
    Status.CONFIDENTIAL: CONFIDENTIAL,
    Status.BY_YEAR: BY_YEAR,
    Status.WITHHELD: WITHHELD,
    Status.NOT_RECEIVED: NOT_AVAILABLE,
    Status.INCOMPLETE: NOT_AVAILABLE,
    Status.NOT_COMPARABLE: BREAK,
    Status.NOT_APPLICABLE: NOT_APPLICABLE,
    Status.REPORTED: NOT_APPLICABLE,
}

STATUS: Mapping[Status, str] = {
    Status.REPORTED: "Reported",
    Status.INCOMPLETE: "Incomplete",
    Status.WITHHELD: "Withheld",
    Status.NOT_RECEIVED: "Not received",
    Status.NOT_APPLICABLE: "Not applicable",
    Status.CONFIDENTIAL: "Confidential",
    Status.BY_YEAR: "By year only",
    Status.NOT_COMPARABLE: "Not comparable",
}

RETURN_STATE: Mapping[ReturnState, str] = {
    ReturnState.ACCEPTED: "Accepted",
    ReturnState.PARTIAL: "Accepted in part: months are missing",
    ReturnState.REFUSED: "Refused: none of it was loaded",
    ReturnState.BEING_CHECKED: "Received, being checked",
    ReturnState.NOT_RECEIVED: "Not received",
}

_DIRECTION: Mapping[Direction, str] = {
    Direction.IMPROVING: "improving",
    Direction.DETERIORATING: "deteriorating",
    Direction.NO_CLEAR_TREND: "no clear trend",
    Direction.TOO_FEW: "too few to tell",
    Direction.NOT_ENOUGH_DATA: "not enough data",
    Direction.HIDDEN: "hidden: small numbers",
    Direction.METHODS_DISAGREE: "mixed signals",
    Direction.CHECK_RECORDING: "check the recording",
}

_FUNNEL: Mapping[FunnelPosition, str] = {
    FunnelPosition.INSIDE: "inside the limits",
    FunnelPosition.BELOW_95: "below the 95% limit",
    FunnelPosition.ABOVE_95: "above the 95% limit",
    FunnelPosition.BELOW_998: "below the 99.8% limit",
    FunnelPosition.ABOVE_998: "above the 99.8% limit",
}

_ASSURANCE: Mapping[Assurance, str] = {
    Assurance.WILL_MEET: "it will be met if nothing changes",
    Assurance.WILL_MISS: "it will be missed if nothing changes",
    Assurance.HIT_OR_MISS: "it may or may not be met",
    Assurance.MET: "it was met",
    Assurance.MISSED: "it was missed",
}


def symbol(status: Status) -> str:
    """The symbol of a figure that is not shown."""
    return _STATUS_SYMBOLS[status]


def direction(travel: DirectionOfTravel) -> str:
    """A direction of travel; one that is neither good nor bad is only rising or falling."""
    return _DIRECTION.get(travel.direction) or str(travel.moving)


def explanation(travel: DirectionOfTravel) -> str:
    """Why a direction of travel is what it is, and what that means for a target."""
    return f"{travel.explanation} {on_target(travel)}".strip()


def on_target(travel: DirectionOfTravel) -> str:
    """Whether a measure meets its target, in a sentence; empty without a target, or where nobody can say."""
    target = travel.target
    if target is None or target.assurance is None:
        return ""
    start = f"Target of {target.value:g} ({target.set_by})"
    if target.of_year is None:
        return f"{start}: {_ASSURANCE[target.assurance]}."
    return f"{start}: the twelve months came to {half_up(target.of_year, 1)}, so {_ASSURANCE[target.assurance]}."


def good_direction(good: GoodDirection, *, under_reported: bool) -> str:
    """Which direction of travel is good, as a sentence."""
    if good == "none":
        return "Neither a rise nor a fall is better."
    if under_reported and good == "up":
        return "A rise is better: this harm is under-reported."
    return "A rise is better." if good == "up" else "A fall is better."


def compared_with_county(comparison: AreaComparison) -> str:
    """How an area compares with the county, and whether it is outside the funnel."""
    if comparison.with_county is None:
        return NOT_APPLICABLE
    if comparison.funnel in (None, FunnelPosition.INSIDE):
        return comparison.with_county.value
    return f"{comparison.with_county.value}, {_FUNNEL[comparison.funnel]}"


def place(comparison: AreaComparison) -> str:
    """An area's place among the partnerships, or the places that it may have."""
    if comparison.rank is None:
        return NOT_APPLICABLE
    first, last = comparison.rank
    return f"{first if first == last else f'{first} to {last}'} of {comparison.among}"


def direction_word(value: str) -> str:
    """A direction of travel by its value in data files; empty for none."""
    if not value:
        return "not judged"
    return _DIRECTION.get(Direction(value), "moving, though neither way is better")


def released_status(value: str) -> str:
    """The status of a released figure, or the word of a conclusion, by its value in data files."""
    if value in set(Status):
        return "shown" if value == Status.REPORTED else symbol(Status(value))
    if value in set(Direction):
        return direction_word(value)
    return _FUNNEL.get(FunnelPosition(value), value) if value in set(FunnelPosition) else value
