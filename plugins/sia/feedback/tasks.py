"""Tasks: the findings of one rule that one sender must fix, under one reference, until an attempt closes them."""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.feedback.decided_submission import DecidedSubmission
from sia.warehouse.sql_files import rows, statement


def refresh(cursor: Cursor, about: DecidedSubmission) -> None:
    """Open, keep, reopen and close tasks as a decided submission shows, in the caller's transaction.

    Only critical findings become tasks; warnings are in the letter. The task of a rule that the submission was not
    checked against stays as it is.
    """
    cursor.execute(
        statement("feedback/refresh_tasks"),
        {"submission_id": about.submission_id, "attempt": about.attempt, "code": about.contract.code},
    )


def closed_by(cursor: Cursor, about: DecidedSubmission) -> list[str]:
    """The references of the tasks that a submission closed."""
    cursor.execute(
        "SELECT k.reference FROM feedback.task_event AS e JOIN feedback.task AS k USING (task_id)"
        " WHERE e.submission_id = %s AND e.event = 'closed' ORDER BY k.number",
        (about.submission_id,),
    )
    return [reference for (reference,) in cursor.fetchall()]


def open_references(cursor: Cursor, about: DecidedSubmission) -> dict[str, str]:
    """The references of the sender's open tasks for a submission's return and quarter, by rule."""
    cursor.execute(
        "SELECT rule_id, reference FROM feedback.task"
        " WHERE return_name = %s AND source = %s AND quarter_key = %s AND state = 'open'",
        (about.contract.name, about.source, about.quarter.key),
    )
    return dict(cursor.fetchall())


def of_return(connection: Connection, return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """The tasks of a return for a quarter, open and closed.

    Each has its ``reference``, ``state``, number of ``findings``, ``message``, and the ``attempt`` that last opened or
    closed it.
    """
    with connection, connection.cursor() as cursor:
        return rows(cursor, "feedback/tasks_of_return", {"return_name": return_name, "quarter_key": quarter_key})
