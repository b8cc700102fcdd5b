"""Commentary on exceptions: we ask each lead, in Airflow and by email, by a day; what it writes is stored permanently.

Requests and commentary are written once. A release shows what was known at its moment, so it can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter, add_working_days, format_date
from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import render
from sia.personal_data import personal_data_in_prose
from sia.presentation.exception_reports import exception_chart
from sia.presentation.words import direction_word, explanation
from sia.registers.leads import leads
from sia.release import building, ledger, scorecard_inputs
from sia.scorecard.amounts import Place
from sia.scorecard.protection import hides_nothing
from sia.scorecard.registers import Registers
from sia.warehouse import locks
from sia.warehouse.locks import Lock
from sia.warehouse.register_decisions import LEADS, decided

MAX_CHARACTERS = 2000
"""How long a commentary may be: a page."""


@dataclass(frozen=True, slots=True)
class CommentaryRequest:
    """An exception on which a lead is asked to comment, with the title and direction for people."""

    number: int
    quarter: Quarter
    place: Place
    title: str
    direction: str
    lead: str
    due: date


@dataclass(frozen=True, slots=True)
class ShownToLead:
    """An exception as its lead sees it: why it is one, in sentences, and its chart, as a part of a page."""

    explanation: str
    chart: str


def ask(connection: Connection, quarter: Quarter) -> list[dict[str, Any]]:
    """Ask leads to comment on the exceptions of a quarter that have no commentary, as a release would report them now.

    Commits. Asking again before the due day changes nothing; after it, there is a new due day.

    Returns:
        What each lead is asked: ``lead``, ``requests`` (their numbers), ``due`` (a day); fit for Airflow to keep.

    Raises:
        PermanentError: the register of leads does not have the lead of a measure.
    """
    current, scorecard, reports = building.exceptions_now(connection, quarter)
    leads_of = {measure.id: measure.lead for measure in scorecard.measures}
    today = datetime.now(LONDON).date()
    with connection, connection.cursor() as cursor:
        if missing := {leads_of[report.measure_id] for report in reports} - leads(decided(cursor, LEADS)).keys():
            raise PermanentError(
                f"the register of leads does not have {', '.join(sorted(missing))}: add them to leads.yml"
            )
        # Two at the same time would ask for the same by two days.
        locks.take(cursor, Lock.COMMENTARY)
        known = ledger.lead_commentary(cursor, quarter, datetime.now(LONDON))
        open_requests = []
        for report in reports:
            before = known.get(report.place)
            if before is None or before.text is None:
                direction = scorecard.line(*report.place).direction
                assert direction is not None  # noqa: S101 - an exception has one
                due = before.due if before and before.due >= today else None
                due = due or add_working_days(today, current.policy.commentary_days(today))
                shown = (
                    ShownToLead(explanation(direction), exception_chart(scorecard, report))
                    if hides_nothing(scorecard.measure(report.measure_id), current, today)
                    else None
                )
                lead = leads_of[report.measure_id]
                open_requests.append(
                    record_request(cursor, quarter, report.place, direction.direction.value, lead, due, current, shown)
                )
    by_lead = groupby(sorted(open_requests, key=attrgetter("lead", "due", "number")), key=attrgetter("lead", "due"))
    return [
        {"lead": lead, "due": due.isoformat(), "requests": [request.number for request in own]}
        for (lead, due), own in by_lead
    ]


def requests(cursor: Cursor, numbers: Sequence[int]) -> list[CommentaryRequest]:
    """Requests, in the order of their numbers."""
    cursor.execute(
        "SELECT request_id, quarter_key, measure_id, area_code, direction, lead, due_on FROM release.commentary_request"
        " WHERE request_id = ANY(%s) ORDER BY request_id",
        (list(numbers),),
    )
    asked = cursor.fetchall()
    current = scorecard_inputs.registers_known_at(cursor, datetime.now(LONDON).date())
    return [
        CommentaryRequest(
            number=number,
            quarter=Quarter.parse(key),
            place=(measure_id, area_code),
            title=current.place_name((measure_id, area_code)),
            direction=direction_word(direction),
            lead=lead,
            due=due,
        )
        for number, key, measure_id, area_code, direction, lead, due in asked
    ]


def write_to_lead(connection: Connection, numbers: Sequence[int], address: str) -> bool:
    """Put the letter to a lead into the outbox: what it is asked, by when, and where to write it.

    Commits. However often the same is asked, one letter goes.

    Args:
        connection: to the warehouse.
        numbers: the requests, all of one lead and due day.
        address: of the page in Airflow.

    Returns:
        Whether it was put there now.
    """
    with connection, connection.cursor() as cursor:
        asked = requests(cursor, numbers)
        subject = f"Commentary on {asked[0].quarter.label}, by {format_date(asked[0].due)}"
        exceptions = [f"{request.title}: {request.direction}." for request in asked]
        values = _letter_values(asked) | {"exceptions": exceptions, "address": address}
        letter = render("commentary", "commentary", subject, values)
        return outbox.queue(cursor, leads(decided(cursor, LEADS))[asked[0].lead].partner, letter, about=_named(numbers))


def take(connection: Connection, written: Mapping[int, str], given_by: str, given_at: datetime) -> list[int]:
    """Store what a lead wrote. What looks like personal data is not stored, and the lead gets a letter that says so.

    Commits.

    Args:
        connection: to the warehouse.
        written: the commentary by the number of the request; empty text counts as none.
        given_by: the log-in of the person who wrote it.
        given_at: when.

    Returns:
        The requests whose commentary was not stored.
    """
    texts = {number: _tidied(text) for number, text in written.items()}
    objections = {number: why for number, text in texts.items() if text and (why := objection(text))}
    with connection, connection.cursor() as cursor:
        for number, text in texts.items():
            if text and number not in objections:
                cursor.execute(
                    "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at)"
                    " VALUES (%s, %s, %s, %s)",
                    (number, text, given_by, given_at),
                )
        if objections:
            asked = requests(cursor, list(objections))
            values = _letter_values(asked) | {
                "objections": [f"{request.title}: it {objections[request.number]}." for request in asked]
            }
            subject = "We could not save your commentary: please write it again"
            letter = render("commentary_refused", "commentary_refused", subject, values)
            about = f"{_named(sorted(objections))} of {given_at.isoformat()}"
            outbox.queue(cursor, leads(decided(cursor, LEADS))[asked[0].lead].partner, letter, about=about)
    return sorted(objections)


def objection(text: str) -> str | None:
    """Why a commentary is not stored, in words that go on after "it"; none if it can be."""
    if kind := personal_data_in_prose(text):
        return f"looks as if it contains personal data ({kind.value})"
    if len(text) > MAX_CHARACTERS:
        return f"is longer than {MAX_CHARACTERS:,} characters"
    if text.startswith(("=", "+", "-", "@")):
        return f"begins with {text[0]}, which spreadsheets read as a formula"
    return None


def record_request(
    cursor: Cursor,
    quarter: Quarter,
    place: Place,
    direction: str,
    lead: str,
    due: date,
    current: Registers,
    shown: ShownToLead | None,
) -> CommentaryRequest:
    """Write a request, unless there is one for the same exception and due day.

    Args:
        cursor: of the transaction.
        quarter: of the exception.
        place: the exception's measure and area.
        direction: its direction of travel, as data files have it.
        lead: who is asked.
        due: the last day for the commentary.
        current: the registers.
        shown: what the lead sees of it; none before the release if a release may hide figures of its measure.
    """
    cursor.execute(
        "INSERT INTO release.commentary_request"
        " (quarter_key, measure_id, area_code, direction, lead, due_on, explanation, chart)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (quarter.key, *place, direction, lead, due, shown and shown.explanation, shown and shown.chart),
    )
    cursor.execute(
        "SELECT request_id, direction, lead FROM release.commentary_request"
        " WHERE (quarter_key, measure_id, area_code, due_on) = (%s, %s, %s, %s)",
        (quarter.key, *place, due),
    )
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - it was just written
    number, direction, lead = row
    return CommentaryRequest(number, quarter, place, current.place_name(place), direction_word(direction), lead, due)


def _tidied(text: str) -> str:
    """A paragraph of printable characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _named(numbers: Sequence[int]) -> str:
    return f"requests {', '.join(map(str, numbers))}"


def _letter_values(asked: Sequence[CommentaryRequest]) -> dict[str, Any]:
    """What every letter about requests says."""
    return {
        "lead": asked[0].lead,
        "quarter": asked[0].quarter.label,
        "due": format_date(asked[0].due),
    }
