"""The letter to the approvers of a release: what to approve, how it differs, and where to decide.

It is withdrawn once somebody has decided.
"""

from __future__ import annotations

from markupsafe import Markup
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.letter import render
from sia.registers.approvers import approvers
from sia.release import ledger
from sia.warehouse.register_decisions import APPROVERS, decided

_KIND = "approval"


def write_to_approvers(connection: Connection, candidate_id: int, address: str) -> list[str]:
    """Put a letter to each approver into the outbox. Commits; however often it is called, one letter goes to each.

    Args:
        connection: to the warehouse.
        candidate_id: the candidate that waits for approval.
        address: of the page in Airflow where they decide.

    Returns:
        The approvers for whom one was put there now; none if somebody has decided.
    """
    with connection, connection.cursor() as cursor:
        if ledger.is_decided(cursor, candidate_id):
            return []
        candidate = ledger.candidate(cursor, candidate_id)
        title, briefing = candidate.difference.strip().split("\n\n", maxsplit=1)
        values = {"address": address, "briefing": Markup(briefing)}  # noqa: S704 - our own Markdown
        subject = f"{title.removeprefix('# ')} of the scorecard waits for your approval"
        letter = render(_KIND, "approval", subject, values)
        return [
            approver.id
            for approver in approvers(decided(cursor, APPROVERS))
            if outbox.queue(cursor, approver.id, letter, about=_about(candidate_id))
        ]


def check_approver(connection: Connection, decided_by: str) -> None:
    """Check that somebody who decided is an approver now: the question may have waited for weeks.

    Args:
        connection: to the warehouse, with no open transaction.
        decided_by: the log-in in Airflow, or the mailbox of somebody who decided on the desk.

    Raises:
        PermanentError: they are not.
    """
    with connection, connection.cursor() as cursor:
        register = approvers(decided(cursor, APPROVERS))
    if decided_by.casefold() not in {name.casefold() for a in register for name in (a.id, a.mailbox)}:
        raise PermanentError(
            f"{decided_by} is not an approver now. Nothing was decided: trigger the DAG again, and let an approver"
            " decide"
        )


def withdraw_letters(cursor: Cursor, candidate_id: int) -> None:
    """Do not send what still asks for a decision on a candidate, within the caller's transaction."""
    outbox.withdraw(cursor, _KIND, _about(candidate_id))


def _about(candidate_id: int) -> str:
    return f"candidate {candidate_id}"
