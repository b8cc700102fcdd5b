"""The digest: outstanding and new corrections, for each partner and for the unit; none if there is nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter, format_date
from sia.contract.model import contract
from sia.feedback import outbox
from sia.feedback.letter import Letter, render
from sia.feedback.wording import number_of, return_title
from sia.intake.inbox import Problem
from sia.registers.partners import UNIT, Partners, partners
from sia.warehouse.sql_files import rows

# A digest that would say the same again waits this long.
REPEAT_AFTER = timedelta(days=7)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=LONDON)

TaskRow = dict[str, Any]
LetterRow = dict[str, Any]
InboxRow = dict[str, Any]
QuestionRow = dict[str, Any]
TasksByReturn = list[tuple[str, list[TaskRow]]]

_PROBLEMS = {
    Problem.NO_RETURN: "not in the folder of a return",
    Problem.NO_QUARTER: "not in the folder of a quarter, for example 2021-22Q4",
    Problem.UNKNOWN_FOLDER: "in a folder that is not named after a sender or a day, for example received-2022-04-20",
    Problem.LINK: "a link to a file elsewhere, which we do not follow; put the file itself into the folder",
    Problem.TOO_DEEP: "a folder that is too deep within others",
    Problem.NO_SENDER: "with no sender in the folder's name or on the Cover sheet",
}


def queue_digests(connection: Connection, day: date) -> list[str]:
    """Queue the digests of a day. Commits; at most one a day goes to each recipient.

    A recipient gets a digest if a task was opened or closed since its last digest, or if tasks are open and the last
    digest was a week ago. The unit also gets one, every day, about letters that fail and files in the inbox that
    cannot be matched to a return, and about questions that we asked since its last one.

    Returns:
        The recipients: the partners' keys and ``unit``.
    """
    register = partners()
    recipients = []
    with connection, connection.cursor() as cursor:
        for recipient in (*register.partners, UNIT):
            since = _last_digest(cursor, recipient)
            source = None if recipient == UNIT else recipient
            tasks = rows(cursor, "feedback/tasks_owed", {"source": source, "since": since})
            letters = rows(cursor, "feedback/letters_waiting", {"since": since}) if recipient == UNIT else []
            files = rows(cursor, "feedback/files_misplaced", {}) if recipient == UNIT else []
            questions = rows(cursor, "feedback/questions_asked", {"since": since}) if recipient == UNIT else []
            is_repeat_due = datetime.now(LONDON) - since >= REPEAT_AFTER
            if letters or files or questions or any(task["changed"] for task in tasks) or (tasks and is_repeat_due):
                if recipient == UNIT:
                    letter = unit_digest(register, tasks, letters, files, questions, day)
                else:
                    letter = partner_digest(register, recipient, tasks, day)
                if outbox.queue(cursor, recipient, letter, about_day=day):
                    recipients.append(recipient)
    return recipients


def partner_digest(register: Partners, recipient: str, tasks: Sequence[TaskRow], day: date) -> Letter:
    """The digest for a partner, with its own tasks only."""
    outstanding, closed = _with_state(tasks, "open"), _with_state(tasks, "closed")
    state = f"{number_of(len(outstanding), 'correction')} still needed" if outstanding else "nothing left to correct"
    words = {
        "organisation": register.organisation(recipient),
        "open_count": len(outstanding),
        "closed_count": len(closed),
        "open": _by_return(outstanding),
        "closed": _by_return(closed),
    }
    return render("digest", "digest", f"Your returns: {state}, {format_date(day)}", words)


def unit_digest(
    register: Partners,
    tasks: Sequence[TaskRow],
    letters: Sequence[LetterRow],
    files: Sequence[InboxRow],
    questions: Sequence[QuestionRow],
    day: date,
) -> Letter:
    """The digest for the unit: the tasks of every partner, letters that fail, files without a return, and questions."""
    outstanding, closed = _with_state(tasks, "open"), _with_state(tasks, "closed")
    by_partner = []
    for source, partner_tasks in groupby(tasks, key=itemgetter("source")):
        theirs = list(partner_tasks)
        by_partner.append(
            (
                register.organisation(source),
                _by_return(_with_state(theirs, "open")),
                _by_return(_with_state(theirs, "closed")),
            )
        )
    words = {
        "open_count": len(outstanding),
        "closed_count": len(closed),
        "partners": by_partner,
        "letters": [_describe_letter(letter) for letter in letters],
        "files": [describe_files(row) for row in files],
        "questions": [_describe_question(register, row) for row in questions],
    }
    subject = f"Returns: {number_of(len(outstanding), 'correction')} outstanding, {format_date(day)}"
    return render("digest", "digest_unit", subject, words)


def _with_state(tasks: Sequence[TaskRow], state: str) -> list[TaskRow]:
    return [task for task in tasks if task["state"] == state]


def _by_return(tasks: Sequence[TaskRow]) -> TasksByReturn:
    """Tasks by the title of their return and quarter."""
    same_return = itemgetter("return_name", "quarter_key", "synthetic")
    return [
        (return_title(contract(name).title, Quarter.parse(quarter), synthetic), list(members))
        for (name, quarter, synthetic), members in groupby(tasks, key=same_return)
    ]


def _describe_letter(letter: LetterRow) -> str:
    if letter["state"] == "sent":
        return f"{letter['subject']}: sent, perhaps {letter['unsure'] + 1} times."
    attempts = number_of(letter["attempts"], "attempt")
    return f"{letter['subject']}: not sent after {attempts}: {letter['fault'] or 'interrupted'}."


def describe_files(row: InboxRow) -> str:
    """A sentence about files in the inbox that we cannot match to a return: how many, where, and what to do."""
    folder = "/".join(("inbox", *filter(None, [row["place"]])))
    problem = _PROBLEMS[Problem(row["problem"])]
    pronoun = "it" if row["files"] == 1 else "them"
    return (
        f"{number_of(row['files'], 'file')} in {folder} since {format_date(row['since'])}: {problem}. "
        f"Move {pronoun}, or ask the sender."
    )


def _describe_question(register: Partners, row: QuestionRow) -> str:
    title = return_title(contract(row["return_name"]).title, Quarter.parse(row["quarter_key"]), row["synthetic"])
    return f"{register.organisation(row['source'])}, {title}: {row['message']}"


def _last_digest(cursor: Cursor, recipient: str) -> datetime:
    cursor.execute("SELECT max(queued_at) FROM feedback.letter WHERE kind = 'digest' AND recipient = %s", (recipient,))
    (last,) = cursor.fetchone() or (None,)
    return last or _LONG_AGO
