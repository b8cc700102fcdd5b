"""What is known about each return of a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sia.scorecard.periods import KeyedQuarter


class ReturnState(StrEnum):
    """The outcome of a return: the newest accepted file decides, and the newest file only where none was accepted."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REFUSED = "refused"
    BEING_CHECKED = "being_checked"
    NOT_RECEIVED = "not_received"


@dataclass(frozen=True, slots=True)
class ReturnStatus:
    """A return of one sender for one quarter. ``reasons``: why its newest file was refused; none if it was not.

    ``expected``: whether the scorecard waits for it. ``received_on``: when we last learned anything.
    ``first_known_on``: when any of its figures were first known.
    """

    return_name: str
    return_title: str
    source: str
    source_name: str
    quarter: KeyedQuarter
    expected: bool
    state: ReturnState
    received_on: date | None
    reasons: tuple[str, ...]
    first_known_on: date | None = None
