"""The reply to a decided submission: the workbook that says what to fix, the tasks and the letter."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.feedback import outbox, tasks
from sia.feedback.decided_submission import DecidedSubmission, decided_submission, findings_of
from sia.feedback.finding_groups import group_findings
from sia.feedback.reply_letter import reply_letter
from sia.feedback.reply_workbook import reply_workbook
from sia.feedback.totals import totals
from sia.registers.partners import UNIT, partners
from sia.settings import settings
from sia.storage import encrypted
from sia.storage.folders import landing_folder
from sia.warehouse import locks
from sia.warehouse.locks import Lock
from sia.warehouse.sql_files import rows

FOLDER = "feedback"


def reply_to_return(connection: Connection, return_name: str, quarter_key: str) -> int:
    """Reply to every decided submission of a return for a quarter that has no reply yet. Commits.

    Returns:
        The number of submissions that it replied to.
    """
    with connection, connection.cursor() as cursor:
        waiting = rows(cursor, "feedback/to_reply", {"return_name": return_name, "quarter_key": quarter_key})
    return sum(reply_to_submission(connection, row["submission_id"]) for row in waiting)


def reply_to_submission(connection: Connection, submission_id: int) -> int:
    """Reply to a decided submission, and to earlier attempts whose reply was interrupted. Commits.

    In one transaction it writes the workbook that says what to fix, encrypted, into ``<state>/feedback/<receipt>/``,
    refreshes the tasks and queues the letter. It then encrypts the file of a refused submission where it is, and
    one with parts that we do not read. A submission that already has a reply is left alone.

    Returns:
        The number of submissions that it replied to; 0 if the submission is not decided yet.

    Raises:
        OSError: the landed file cannot be read, or the workbook cannot be written.
    """
    with connection, connection.cursor() as cursor:
        submission = decided_submission(cursor, submission_id)
        if submission is None:
            return 0
        locks.take(cursor, Lock.REPLY, submission.contract.name, submission.quarter.key)
        waiting = rows(cursor, "feedback/unanswered", {"submission_id": submission_id})
        for row in waiting:
            about = decided_submission(cursor, row["submission_id"])
            if about is not None:
                _reply(cursor, about, overtaken=row["overtaken"])
    return len(waiting)


def _reply(cursor: Cursor, about: DecidedSubmission, *, overtaken: bool) -> None:
    findings = findings_of(cursor, about.submission_id)
    workbook = reply_workbook(about, findings, about.receipt) if findings else None
    path = None
    if workbook is not None:
        path = f"{FOLDER}/{about.receipt}/{about.receipt}-what-to-fix.xlsx"
        # Never plain on the disk: it may be a partner's own return.
        encrypted.write_encrypted(settings().state, path, workbook.content)
    cursor.execute(
        "INSERT INTO feedback.reply (submission_id, attempt, workbook) VALUES (%s, %s, %s)",
        (about.submission_id, about.attempt, path),
    )
    # An old return that is loaded after a newer one gets a reply, but the tasks stay as the newer one left them.
    # A publisher gets no tasks; the unit gets the letter about what it publishes.
    if not overtaken and not about.contract.is_public:
        tasks.refresh(cursor, about)
    register = partners()
    recipient = UNIT if about.contract.is_public else about.source
    letter = reply_letter(
        about,
        group_findings(workbook.findings if workbook else []),
        tasks.open_references(cursor, about),
        tasks.closed_by(cursor, about),
        totals(cursor, about.contract, about.submission_id, about.earlier_id) if about.accepted else [],
        register.organisation(recipient),
        marked=workbook is not None and workbook.is_marked,
    )
    outbox.queue(cursor, recipient, letter, submission_id=about.submission_id, attachment=path)
    has_hidden_parts = any(finding.rule_id == "INT-HIDDEN-03" for finding in findings)
    if about.landed_as and (has_hidden_parts or not about.accepted):
        encrypted.encrypt(landing_folder(), about.landed_as)
