"""The reminder of one return that still needs something, which the unit sends when it wants to."""

from __future__ import annotations

from datetime import date

from psycopg2.extensions import cursor as Cursor

from sia.feedback import outbox
from sia.feedback.due_stages import UNSIGNED, OutstandingReturn
from sia.feedback.letter import Letter, render
from sia.registers.partners import Partners

_KIND = "return_reminder"


def return_reminder(register: Partners, due: OutstandingReturn) -> Letter:
    """The letter about a return."""
    verb = "Please sign" if due.state == UNSIGNED else "Please correct" if due.state == "refused" else "Please send"
    words = {"organisation": register.organisation(due.source), "due": due, "unsigned": due.state == UNSIGNED}
    return render(_KIND, _KIND, f"{verb} your return: {due.title}", words)


def queue_return_reminder(cursor: Cursor, register: Partners, due: OutstandingReturn, day: date) -> bool:
    """Queue the letter about a return; False if one about it was queued that day."""
    about = f"{due.contract.name} {due.quarter.key} on {day.isoformat()}"
    return outbox.queue(cursor, due.source, return_reminder(register, due), about=about)
