"""The returns board: who has sent what, by sender and quarter, in words; as a table, a CSV file and a calendar."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

from sia.calendar import Quarter, format_date
from sia.feedback.wording import number_of

BoardRow = Mapping[str, Any]
"""A row of ``include/sql/desk/board.sql``."""

_QUARTERS = 8


class State(StrEnum):
    """The state of a return that is owed."""

    ACCEPTED = "accepted"
    TO_CHECK = "to_check"
    UNSIGNED = "unsigned"
    NIL = "nil"
    BEING_CHECKED = "being_checked"
    REFUSED = "refused"
    LATE = "late"
    EXTENDED = "extended"
    DUE = "due"
    NOT_DUE = "not_due"


SHOWN = {
    State.LATE: "Late",
    State.REFUSED: "Refused",
    State.UNSIGNED: "Not signed",
    State.TO_CHECK: "With something to check",
    State.BEING_CHECKED: "Being checked",
}
"""The states by which the board can be filtered, and their names."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A return for a quarter: its state, and the words for it."""

    state: State
    words: str
    source: str
    return_name: str
    quarter: Quarter
    receipt: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A return of a sender; for each quarter of the board its cell, or None where nothing is owed."""

    source: str
    sender: str
    title: str
    cells: tuple[Cell | None, ...]


def quarters_to(last: Quarter) -> list[Quarter]:
    """The quarters of a board, oldest first."""
    return [last.plus(number) for number in range(1 - _QUARTERS, 1)]


def cell(row: BoardRow) -> Cell:
    """What to say about a return."""
    state, words = _state(row)
    receipt = row["unsigned_receipt"] if state is State.UNSIGNED else row["newest_receipt"]
    return Cell(state, words, row["source"], row["return_name"], Quarter.parse(row["quarter_key"]), receipt)


def _state(row: BoardRow) -> tuple[State, str]:
    day, to_check = _short(row["deadline"]), row["things_to_check"]
    if row["state"] == "received":
        if row["unsigned_receipt"]:
            return State.UNSIGNED, f"{'Nil return' if row['nil_return'] else 'Accepted'}, not signed"
        if row["nil_return"]:
            return State.NIL, "Nil return"
        return (State.TO_CHECK, f"Accepted, {to_check} to check") if to_check else (State.ACCEPTED, "Accepted")
    if row["state"] in ("due", "not_due") and row["extended_by"]:
        return State.EXTENDED, f"Extended to {day}"
    words = {
        State.BEING_CHECKED: "Being checked",
        State.REFUSED: f"Refused, {to_check} to correct",
        State.LATE: f"Late {number_of(row['days_late'], 'day')}",
        State.DUE: f"Due {day}",
        State.NOT_DUE: f"Not due until {day}",
    }
    state = State(row["state"])
    return state, words[state]


def board(rows: Iterable[BoardRow], quarters: Sequence[Quarter], only: State | None = None) -> list[Line]:
    """The lines of a board.

    Args:
        rows: the returns, by sender and title.
        quarters: its quarters.
        only: leave out the lines that have no return in this state.
    """
    lines = []
    for (source, sender, title), members in groupby(rows, key=itemgetter("source", "source_name", "return_title")):
        cells = {own.quarter: own for own in map(cell, members)}
        if only is None or any(own.state is only for own in cells.values()):
            lines.append(Line(source, sender, title, tuple(cells.get(quarter) for quarter in quarters)))
    return lines


def count(lines: Iterable[Line], state: State) -> int:
    """How many returns of a board are in a state."""
    return sum(own is not None and own.state is state for line in lines for own in line.cells)


def as_csv(rows: Iterable[BoardRow]) -> str:
    """The board as a CSV file, one line a return and quarter."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["Sender", "Return", "Quarter", "State", "Due", "Receipt"])
    for row in rows:
        own = cell(row)
        due = row["deadline"].isoformat()
        writer.writerow([row["source_name"], row["return_title"], own.quarter.key, own.words, due, own.receipt or ""])
    return file.getvalue()


def as_calendar(rows: Iterable[BoardRow], domain: str, today: date) -> str:
    """The due dates of returns that have not come, as an iCalendar file (RFC 5545).

    Args:
        rows: the returns.
        domain: of the unit's mailbox; makes the identifiers unique.
        today: the day on which it is made.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Safer communities//Returns//EN", "CALSCALE:GREGORIAN"]
    for row in rows:
        own = cell(row)
        summary = f"{row['return_title']} due, {own.quarter.label}: {row['source_name']}"
        if own.state in (State.DUE, State.NOT_DUE, State.EXTENDED, State.LATE):
            day = row["deadline"]
            lines += [
                "BEGIN:VEVENT",
                f"UID:{own.return_name}-{own.source}-{own.quarter.key}@{domain}",
                f"DTSTAMP:{today:%Y%m%d}T000000Z",
                f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
                f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
                f"SUMMARY:{_calendar_text(summary)}",
                "END:VEVENT",
            ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _calendar_text(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return text


def _folded(line: str) -> list[str]:
    """A line in parts of at most 75 bytes, as the format asks; all but the first begin with a space."""
    parts, rest = [], line
    while len(rest.encode()) > 75:
        end = 75
        while len(rest[:end].encode()) > 75:
            end -= 1
        parts.append(rest[:end])
        rest = " " + rest[end:]
    return [*parts, rest]


def _short(day: date) -> str:
    return format_date(day).replace(f"{day:%B}", f"{day:%b}")
