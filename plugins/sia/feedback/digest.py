"""The digest: what is to be put right and what was, for each partner and for the unit; none where nothing is owed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.feedback import letter, outbox
from sia.intake.inbox import Problem
from sia.registers.partners import UNIT, Partners, partners
from sia.warehouse.sql_files import rows

# What is owed and has not changed is said again after this time, and not every day.
SAID_AGAIN_AFTER = timedelta(days=7)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=LONDON)

Task = dict[str, Any]
Misplaced = dict[str, Any]

_NOBODYS = {
    Problem.NO_RETURN: "not in the folder of a return",
    Problem.NO_QUARTER: "not in the folder of a quarter, such as 2021-22Q4",
    Problem.UNKNOWN_FOLDER: "in a folder that is neither a sender's nor a day's, such as received-2022-04-20",
    Problem.NO_SENDER: "from whom, neither its folder nor its cover says",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under one title."""

    title: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under one title."""

    title: str
    parts: tuple[Part, ...]


def queue_digests(connection: Connection, day: date) -> list[str]:
    """Put the digests of a day into the outbox. Commits; once a day and recipient.

    A digest goes to whoever has a task that was opened or closed since its last one, or that is open and was
    last spoken of a week ago. The unit also hears, every day, of letters that do not reach their reader and of files in
    the inbox that are nobody's.

    Returns:
        To whom one goes: the partners' keys, and ``unit``.
    """
    register = partners()
    told = []
    with connection, connection.cursor() as cursor:
        for recipient in (*register.partners, UNIT):
            since = _last(cursor, recipient)
            source = None if recipient == UNIT else recipient
            tasks = rows(cursor, "feedback/tasks_owed", {"source": source, "since": since})
            waiting = rows(cursor, "feedback/letters_waiting", {"since": since}) if recipient == UNIT else []
            misplaced = rows(cursor, "feedback/files_misplaced", {}) if recipient == UNIT else []
            due = datetime.now(LONDON) - since >= SAID_AGAIN_AFTER
            if waiting or misplaced or any(task["changed"] for task in tasks) or (tasks and due):
                written = digest(register, recipient, tasks, waiting, day, misplaced)
                if outbox.queue(cursor, recipient, written, about_day=day):
                    told.append(recipient)
    return told


def digest(
    register: Partners,
    recipient: str,
    tasks: Sequence[Task],
    waiting: Sequence[Task],
    day: date,
    misplaced: Sequence[Misplaced] = (),
) -> letter.Letter:
    """The digest for a partner, with its own tasks only, or for the unit, with letters and files to see to."""
    owed = [task for task in tasks if task["state"] == "open"]
    done = [task for task in tasks if task["state"] == "closed"]
    if recipient == UNIT:
        sections = []
        for source, each in groupby(tasks, key=itemgetter("source")):
            mine = list(each)
            parts = (*_parts(mine, owed, "To put right: "), *_parts(mine, done, "Put right: "))
            sections.append(Section(register.organisation(source), parts))
        if waiting:
            letters = Part("Not sent, or perhaps sent twice", tuple(_letter(one) for one in waiting))
            sections.append(Section("Letters", (letters,)))
        if misplaced:
            nobodys = Part("Files that were not taken in", tuple(_nobodys(one) for one in misplaced))
            sections.append(Section("Inbox", (nobodys,)))
        heading = f"Returns: what is owed and what changed, {letter.day_words(day)}"
        opening = f"{len(owed):,} to put right, {len(done):,} put right since the last digest."
    else:
        sections = [
            Section(title, parts)
            for title, chosen in (("To put right", owed), ("Put right: thank you", done))
            if (parts := tuple(_parts(tasks, chosen)))
        ]
        still = "what is still to be put right" if owed else "nothing is left to be put right"
        heading = f"Your returns: {still}, {letter.day_words(day)}"
        opening = (
            f"{register.organisation(recipient)}: {len(owed):,} to put right, {len(done):,} put right since we last "
            "wrote. Each was in our answer to the return, with its places in the workbook that came with it."
        )
    words = {"heading": heading, "opening": opening, "sections": sections, "unit": register.unit}
    return letter.render("digest", "digest", heading, words)


def _parts(mine: Iterable[Task], chosen: Sequence[Task], before: str = "") -> list[Part]:
    """One part for each return and quarter of some tasks."""
    parts = []
    one_return = itemgetter("return_name", "quarter_key", "synthetic")
    for (name, quarter, synthetic), each in groupby((task for task in mine if task in chosen), key=one_return):
        sample = " (made-up sample)" if synthetic else ""
        title = f"{before}{contract(name).title}, {Quarter.parse(quarter).label}{sample}"
        parts.append(Part(title, tuple(_entry(task) for task in each)))
    return parts


def _entry(task: Task) -> str:
    if task["state"] == "closed":
        return f"{task['reference']}: closed by attempt {task['attempt']}. {task['message']}"
    places = f"{task['findings']:,} place{'' if task['findings'] == 1 else 's'}"
    news = f" ({task['event']} by attempt {task['attempt']})" if task["changed"] else ""
    return f"{task['reference']}, {places}{news}: {task['message']}"


def _letter(waiting: Task) -> str:
    if waiting["state"] == "sent":
        return f"{waiting['subject']}: sent, perhaps {waiting['unsure'] + 1} times."
    return f"{waiting['subject']}: tried {waiting['attempts']} times. {waiting['fault'] or 'Interrupted'}."


def _nobodys(misplaced: Misplaced) -> str:
    several = misplaced["files"] > 1
    files = f"{misplaced['files']:,} file{'s' if several else ''}"
    where = "/".join(("inbox", *filter(None, [misplaced["place"]])))
    since = letter.day_words(misplaced["since"])
    what = _NOBODYS[Problem(misplaced["problem"])]
    return f"{files} in {where}, since {since}: {what}. Move {'them' if several else 'it'}, or ask the sender."


def _last(cursor: Cursor, recipient: str) -> datetime:
    cursor.execute("SELECT max(queued_at) FROM feedback.letter WHERE kind = 'digest' AND recipient = %s", (recipient,))
    found = cursor.fetchone()
    return found[0] if found and found[0] else _LONG_AGO
