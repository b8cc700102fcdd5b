"""What happens once a submission is decided: the workbook that says what to fix, the tasks, the letter."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.feedback import letter, outbox, tasks
from sia.feedback.decided_submission import Decision, decision, findings
from sia.feedback.finding_groups import group
from sia.feedback.findings_workbook import About, findings_workbook
from sia.feedback.marked_workbook import Marked, can_be_marked, marked_workbook
from sia.feedback.totals import totals
from sia.finding import Finding
from sia.registers.partners import UNIT, partners
from sia.settings import settings
from sia.storage import encrypted, landing
from sia.warehouse.sql_files import rows

log = logging.getLogger(__name__)

FOLDER = "feedback"


def reply_to_return(connection: Connection, return_name: str, quarter_key: str) -> int:
    """Reply to every decided submission of a return for a quarter that has no reply yet. Commits.

    Returns:
        How many submissions were replied to now.
    """
    with connection, connection.cursor() as cursor:
        waiting = rows(cursor, "feedback/to_reply", {"return_name": return_name, "quarter_key": quarter_key})
    return sum(after_decision(connection, row["submission_id"]) for row in waiting)


def after_decision(connection: Connection, submission_id: int) -> int:
    """Reply to a decided submission, and to earlier attempts whose reply was interrupted. Commits.

    Writes the workbook that says what to fix, encrypted, into ``<state>/feedback/<receipt>/``, brings the tasks up to
    date and puts the letter into the outbox, all in one transaction. A submission that was replied to is left alone.
    The file of a refused one is then encrypted in its place.

    Returns:
        How many submissions were replied to now; 0 also if the submission is not decided.

    Raises:
        OSError: the landed file cannot be read, or the workbook cannot be written.
    """
    with connection, connection.cursor() as cursor:
        about = decision(cursor, submission_id)
        if about is None:
            return 0
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            (f"feedback/{about.contract.name}/{about.quarter.key}",),
        )
        waiting = rows(cursor, "feedback/unanswered", {"submission_id": submission_id})
        for row in waiting:
            one = decision(cursor, row["submission_id"])
            if one is not None:
                _reply(cursor, one, overtaken=row["overtaken"])
    return len(waiting)


def _reply(cursor: Cursor, about: Decision, *, overtaken: bool) -> None:
    found = findings(cursor, about.submission_id)
    marked = _marked(about, about.landed_as, found) if about.landed_as and not about.contract.published else None
    found = marked.findings if marked else found
    workbook = _workbook(about, found, marked) if found else None
    cursor.execute(
        "INSERT INTO feedback.reply (submission_id, attempt, workbook) VALUES (%s, %s, %s)",
        (about.submission_id, about.attempt, workbook),
    )
    # An old return that is loaded after a newer one is answered, but what is owed now stays as the newer one left it.
    # Nobody is asked to do better at what they publish for all; the unit is told what became of it.
    if not overtaken and not about.contract.published:
        tasks.refresh(cursor, about)
    register = partners()
    recipient = UNIT if about.contract.published else about.source
    written = letter.answer(
        about,
        group(found),
        tasks.open_references(cursor, about),
        tasks.closed_by(cursor, about),
        totals(cursor, about) if about.accepted else [],
        register.organisation(recipient),
        register.unit,
        marked=marked is not None,
    )
    outbox.queue(cursor, recipient, written, submission_id=about.submission_id, attachment=workbook)
    if about.landed_as and not about.accepted:
        encrypted.seal(landing.landing(), about.landed_as)


def _workbook(about: Decision, found: Sequence[Finding], marked: Marked | None) -> str:
    """Write the workbook that says what to fix, the partner's own where that could be marked; where it lies."""
    content = marked.content if marked else findings_workbook(_about(about, marked=False), group(found))
    name = f"{FOLDER}/{about.receipt}/{about.receipt}-what-to-fix.xlsx"
    # Never plain on the disk: it may be a partner's own return.
    encrypted.keep(settings().state, name, content)
    return name


def _marked(about: Decision, landed_as: str, found: Sequence[Finding]) -> Marked | None:
    if not can_be_marked(landed_as, found):
        return None
    with landing.open_file(landing.landing(), landed_as) as file:
        original = file.read()
    try:
        return marked_workbook(original, _about(about, marked=True), found)
    except Exception as fault:  # a workbook that our own reader reads can still be more than openpyxl can write again
        log.warning("submission %s goes back as a list, unmarked: %s", about.submission_id, type(fault).__name__)
        return None


def _about(about: Decision, *, marked: bool) -> About:
    return About(about.contract, about.quarter, about.receipt, about.synthetic, marked)
