"""What several pages ask the warehouse: what is owed, all about a sender, a letter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.registers.partners import Partners
from sia.warehouse.sql_files import rows
from sia.web.returns_board import board, quarters_to
from sia.web.visits import RequestRefused

SUBJECTS = {
    "need_longer": "We need longer",
    "withheld": "A figure is withheld",
    "question": "A question",
}
"""What a partner can tell us about a return, and the words for it."""


def today() -> date:
    """Today in London."""
    return datetime.now(LONDON).date()


def owed(cursor: Cursor, last: Quarter, source: str | None = None) -> list[dict[str, Any]]:
    """The returns that are owed for the quarters of a board, of one sender or of all."""
    keys = [quarter.key for quarter in quarters_to(last)]
    return rows(cursor, "desk/board", {"day": today(), "quarters": keys, "source": source})


def owed_return(cursor: Cursor, return_name: str, source: str, quarter_key: str) -> dict[str, Any]:
    """A return that a sender owes for a quarter, as the board has it.

    Raises:
        RequestRefused: nobody owes it.
    """
    try:
        quarter = Quarter.parse(quarter_key)
    except ValueError:
        quarter = None
    if quarter is not None and quarter.key == quarter_key:
        for row in rows(cursor, "desk/board", {"day": today(), "quarters": [quarter_key], "source": source}):
            if row["return_name"] == return_name:
                return row
    raise RequestRefused(404, "Nobody owes this return.")


def _newest_quarter(cursor: Cursor, source: str) -> str | None:
    """The newest quarter for which a sender sent a return."""
    cursor.execute("SELECT max(quarter_key) FROM intake.submission WHERE source = %s", (source,))
    (newest,) = cursor.fetchone() or (None,)
    return None if newest is None else str(newest)


def last_quarter(text: str, newest: str | None) -> Quarter:
    """The quarter that somebody asked for; else this one, or the newest with a return if that is long ago."""
    current = Quarter.containing(today())
    try:
        return Quarter.parse(text)
    except ValueError:
        sent = Quarter.parse(newest) if newest else current
        return current if sent in quarters_to(current) else sent


def about_sender(cursor: Cursor, source: str, register: Partners, until: str) -> dict[str, Any]:
    """What the unit and the sender both see of a sender.

    Args:
        cursor: of the transaction.
        source: the sender.
        register: the partners.
        until: the last quarter to show, as somebody asked for it; empty for the newest.
    """
    last = last_quarter(until, _newest_quarter(cursor, source))
    owed_rows = owed(cursor, last, source)
    return {
        "source": source,
        "organisation": register.organisation(source),
        "lines": board(owed_rows, quarters_to(last)),
        "quarters": quarters_to(last),
        "current": Quarter.containing(today()),
        "submissions": rows(cursor, "desk/submissions", {"source": source}),
        "letters": rows(cursor, "desk/letters", {"recipient": source, "letter_id": None}),
        "tasks": rows(cursor, "desk/tasks", {"source": source}),
        "messages": rows(cursor, "desk/messages", {"source": source, "message_id": None}),
        "subjects": SUBJECTS,
    }


def one_letter(cursor: Cursor, letter_id: str, recipient: str | None) -> dict[str, Any]:
    """A letter, by its number.

    Args:
        cursor: of the transaction.
        letter_id: the number, as somebody gave it.
        recipient: whose letter it must be; None for anybody's.

    Raises:
        RequestRefused: there is no such letter, or it is somebody else's.
    """
    listed = (
        rows(cursor, "desk/letters", {"recipient": recipient, "letter_id": letter_id}) if _is_uuid(letter_id) else []
    )
    if not listed:
        raise RequestRefused(404, "There is no such letter.")
    return listed[0]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
