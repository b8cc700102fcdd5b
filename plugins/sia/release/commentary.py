"""Commentary on exceptions: each lead is asked, in Airflow and by mail, until a day; what is said is kept for ever.

What is asked and said is written once. A release shows what was known at its moment, so that it is the same whenever
it is made again.
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
from sia.registers.leads import leads
from sia.registers.policy import policy
from sia.release import contents, ledger
from sia.release.revision import area_name, measure_title
from sia.scorecard.exceptions import Asked, ExceptionReport, Place
from sia.warehouse.sql_files import statement

MOST_LETTERS = 2000
"""How long a commentary may be: a page."""


@dataclass(frozen=True, slots=True)
class Request:
    """One exception on which a lead was asked to comment."""

    number: int
    quarter: Quarter
    place: Place
    direction: str
    lead: str
    due: date

    @property
    def title(self) -> str:
        """Measure and area, for people."""
        return f"{measure_title(self.place[0])}, {area_name(self.place[1])}"


def ask(connection: Connection, quarter: Quarter) -> list[dict[str, Any]]:
    """Ask leads to comment on the exceptions of a quarter that have no commentary, as a release would report them now.

    Commits. Asked again before the day by which it was asked, nothing changes; after it, there is a new day.

    Returns:
        What each lead is asked: ``lead``, ``requests`` (their numbers), ``due`` (a day); fit for Airflow to keep.

    Raises:
        PermanentError: the register of leads does not know the lead of a measure.
        sia.disclosure.suppression.NotProtectable: no release could be made.
    """
    now = datetime.now(LONDON)
    with connection, connection.cursor() as cursor:
        counts = ledger.accounts(cursor, ledger.releases(cursor))
    reports = contents.exceptions(connection, quarter, now, counts)
    if missing := {report.measure.lead for report in reports} - leads().keys():
        raise PermanentError(f"the register of leads does not know {', '.join(sorted(missing))}")
    with connection, connection.cursor() as cursor:
        # Two at a time would ask for the same by two days.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('commentary'))")
        before = known(cursor, quarter, datetime.now(LONDON))
        asked = [(report, before.get((report.measure.id, report.area.code))) for report in reports]
        open_ = [
            _request(cursor, quarter, report, earlier, now.date())
            for report, earlier in asked
            if earlier is None or earlier.said is None
        ]
    by_lead = groupby(sorted(open_, key=attrgetter("lead", "due", "number")), key=attrgetter("lead", "due"))
    return [
        {"lead": lead, "due": due.isoformat(), "requests": [each.number for each in theirs]}
        for (lead, due), theirs in by_lead
    ]


def requests(cursor: Cursor, numbers: Sequence[int]) -> list[Request]:
    """What was asked, by the requests' numbers, in the order of the numbers."""
    cursor.execute(
        "SELECT request_id, quarter_key, measure_id, area_code, direction, lead, due_on FROM release.commentary_request"
        " WHERE request_id = ANY(%s) ORDER BY request_id",
        (list(numbers),),
    )
    return [
        Request(number, Quarter.parse(key), (measure_id, area_code), *rest)
        for number, key, measure_id, area_code, *rest in cursor.fetchall()
    ]


def write_to_lead(connection: Connection, numbers: Sequence[int], address: str) -> bool:
    """Put the letter to a lead into the outbox: what it is asked, until when, and where to write it.

    Commits. However often the same is asked, one letter goes.

    Args:
        connection: to the warehouse.
        numbers: the requests, all of one lead and day.
        address: of the page in Airflow.
    """
    with connection, connection.cursor() as cursor:
        asked = requests(cursor, numbers)
        subject = f"Commentary on {asked[0].quarter.label}, by {format_date(asked[0].due)}"
        words = _words(asked) | {"exceptions": [f"{each.title}: {each.direction}." for each in asked]}
        letter = render("commentary", "commentary", subject, words | {"address": address})
        return outbox.queue(cursor, leads()[asked[0].lead].partner, letter, about=_named(numbers))


def take(connection: Connection, said: Mapping[int, str], given_by: str, given_at: datetime) -> list[int]:
    """Keep what a lead said. What looks like personal data is not kept; the lead gets a letter that says so.

    Commits.

    Args:
        connection: to the warehouse.
        said: the commentary by the number of the request; what is empty says nothing.
        given_by: the log-in of who wrote it.
        given_at: when.

    Returns:
        The requests whose commentary was not kept.
    """
    texts = {number: _tidied(text) for number, text in said.items()}
    objections = {number: why for number, text in texts.items() if text and (why := objection(text))}
    with connection, connection.cursor() as cursor:
        for number, text in texts.items():
            if text and number not in objections:
                cursor.execute(
                    "INSERT INTO release.commentary (request_id, said, given_by, given_at) VALUES (%s, %s, %s, %s)",
                    (number, text, given_by, given_at),
                )
        if objections:
            asked = requests(cursor, list(objections))
            words = _words(asked) | {"objections": [f"{each.title}: it {objections[each.number]}." for each in asked]}
            letter = render(
                "commentary_refused", "commentary_refused", "Your commentary was not kept: please write it again", words
            )
            about = f"{_named(sorted(objections))} of {given_at.isoformat()}"
            outbox.queue(cursor, leads()[asked[0].lead].partner, letter, about=about)
    return sorted(objections)


def objection(text: str) -> str | None:
    """Why a commentary is not kept, in words that go on after "it"; none if it can be."""
    if kind := personal_data_in_prose(text):
        return f"looks as if it held personal data ({kind.value})"
    if len(text) > MOST_LETTERS:
        return f"is longer than {MOST_LETTERS:,} characters"
    if text.startswith(("=", "+", "-", "@")):
        return f"begins with {text[0]}, which spreadsheets take for a formula"
    return None


def known(cursor: Cursor, quarter: Quarter, known_at: datetime) -> dict[Place, Asked]:
    """What leads were asked of a quarter's exceptions and what they said, as it was known at a time."""
    cursor.execute(statement("release/commentary_known"), {"quarter_key": quarter.key, "known_at": known_at})
    return {(measure_id, area_code): Asked(*rest) for measure_id, area_code, *rest in cursor.fetchall()}


def _request(cursor: Cursor, quarter: Quarter, report: ExceptionReport, before: Asked | None, day: date) -> Request:
    """Write what is asked of an exception, unless it was asked by a day that has not passed."""
    due = before.due if before and before.due >= day else add_working_days(day, policy().commentary_days(day))
    place = (report.measure.id, report.area.code)
    cursor.execute(
        "INSERT INTO release.commentary_request (quarter_key, measure_id, area_code, direction, lead, due_on)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (quarter.key, *place, report.travel.word, report.measure.lead, due),
    )
    cursor.execute(
        "SELECT request_id, direction, lead FROM release.commentary_request"
        " WHERE (quarter_key, measure_id, area_code, due_on) = (%s, %s, %s, %s)",
        (quarter.key, *place, due),
    )
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - it was just written
    number, direction, lead = row
    return Request(number, quarter, place, direction, lead, due)


def _tidied(text: str) -> str:
    """One paragraph of what can be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _named(numbers: Sequence[int]) -> str:
    return f"requests {', '.join(map(str, numbers))}"


def _words(asked: Sequence[Request]) -> dict[str, Any]:
    """What every letter about requests says."""
    return {
        "lead": asked[0].lead,
        "quarter": asked[0].quarter.label,
        "due": format_date(asked[0].due),
    }
