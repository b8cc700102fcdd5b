"""The outbox: a letter is written once, and sent once as far as SMTP allows.

``queued`` → ``sending`` → ``sent``. "Sending" is committed before the mail server is spoken to, so that a sender that
dies leaves a trace: its letter is sent again after a while, under the same Message-ID, and counted as unsure. A letter
that the server refuses goes back to ``queued`` and is tried again, ever more rarely, for as long as it takes.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.errors import PermanentError
from sia.feedback.letter import Letter
from sia.feedback.smtp import Mail, Server, Workbook, airflow_server
from sia.registers.approvers import approvers
from sia.registers.partners import Partners, partners
from sia.settings import settings
from sia.storage import landing
from sia.warehouse.sql_files import rows

Claimed = dict[str, Any]

log = logging.getLogger(__name__)

# Longer than any conversation with a mail server takes: until then a letter that is being sent is left alone.
LEASE = timedelta(minutes=15)
_MINUTES_UNTIL_NEXT = (1, 5, 15, 60, 240, 1440)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many letters the mail server took now, and how many it did not."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one attempt; ``reached`` says whether there was a server to talk to."""

    fault: str | None = None
    unsure: bool = False
    reached: bool = True


def queue(
    cursor: Cursor,
    recipient: str,
    letter: Letter,
    *,
    submission_id: int | None = None,
    about_day: date | None = None,
    about: str | None = None,
    attachment: str | None = None,
) -> bool:
    """Put a letter into the outbox, within the caller's transaction.

    Args:
        cursor: of that transaction.
        recipient: the partner's key, ``unit``, or for an approval the approver's log-in.
        letter: the letter.
        submission_id: what it answers, if it does.
        about_day: the day of a digest.
        about: what it asks of its reader, if it asks.
        attachment: a workbook, sealed or not, relative to the state folder.

    Returns:
        Whether it was put there now; False if there is one of its kind already.
    """
    letter_id = uuid4()
    domain = partners().unit.mailbox.partition("@")[2]
    cursor.execute(
        "INSERT INTO feedback.letter (letter_id, kind, recipient, submission_id, about_day, about, message_id, subject,"
        " plain, html, attachment) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            str(letter_id), letter.kind, recipient, submission_id, about_day, about, f"<{letter_id}@{domain}>",
            letter.subject, letter.plain, letter.html, attachment,
        ),
    )  # fmt: skip
    return bool(cursor.rowcount)


def send(connection: Connection) -> Sent:
    """Send every letter that is due through Airflow's mail connection."""
    return send_due(connection, airflow_server)


def send_due(connection: Connection, server: Server) -> Sent:
    """Send every letter that is due. Commits as it goes; several senders at a time do not get in each other's way.

    Args:
        connection: to the warehouse, with nothing begun on it.
        server: opens a conversation with the mail server.

    Returns:
        How many were taken and how many were not. Where no server answers, the rest are left for the next time.
    """
    register = partners()
    sent = failed = 0
    while (claimed := _claim(connection)) is not None:
        outcome = _attempt(register, claimed, server)
        _record(connection, claimed, outcome)
        if outcome.fault is None:
            sent += 1
        else:
            failed += 1
            log.warning("letter %s, attempt %s: %s", claimed["letter_id"], claimed["attempts"], outcome.fault)
        if not outcome.reached:
            break
    return Sent(sent, failed)


def _claim(connection: Connection) -> Claimed | None:
    with connection, connection.cursor() as cursor:
        return next(iter(rows(cursor, "feedback/claim_letter", {"lease": LEASE})), None)


def _attempt(register: Partners, letter: Claimed, server: Server) -> _Outcome:
    try:
        message = Mail(
            message_id=letter["message_id"],
            sender=register.unit.mailbox,
            recipient=_mailbox(register, letter),
            subject=letter["subject"],
            plain=letter["plain"],
            html=letter["html"],
            attachment=_attached(letter["attachment"]),
        ).message()
    except (KeyError, ValueError):
        return _Outcome(
            "the register of partners, or of approvers, cannot be read, or has no mailbox for the recipient"
        )
    except (OSError, PermanentError):
        return _Outcome("the attachment cannot be read")
    begun = taken = False
    try:
        with server() as client:
            begun = True
            client.send_message(message)
            taken = True
    except smtplib.SMTPResponseException as refusal:
        # The server's words are not kept: they may repeat an address.
        outcome = _Outcome(f"the mail server refused it ({refusal.smtp_code})", reached=begun)
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = sorted({code for code, _ in refusal.recipients.values()})
        outcome = _Outcome(f"the mail server refused the recipient ({', '.join(map(str, codes))})")
    except Exception as silence:  # the network's, the library's or Airflow's: none says that the server has the letter
        if begun:
            outcome = _Outcome(f"the mail server fell silent ({type(silence).__name__})", unsure=True)
        else:
            outcome = _Outcome(f"no mail server answers ({type(silence).__name__})", reached=False)
    # What goes wrong in saying goodbye does not undo that the server took it.
    return _Outcome() if taken else outcome


def _attached(name: str | None) -> Workbook | None:
    """A letter's workbook, which lies encrypted."""
    if name is None:
        return None
    with landing.open_file(settings().state, name) as file:
        return Workbook(PurePosixPath(name).name, file.read())


def _mailbox(register: Partners, letter: Claimed) -> str:
    """The address of a letter's reader.

    Raises:
        KeyError: no register has it.
        ValueError: the register of approvers is not as it must be.
    """
    if letter["kind"] == "approval":
        return {each.id: each.mailbox for each in approvers()}[letter["recipient"]]
    return register.mailbox(letter["recipient"], escalation=letter["kind"] == "escalation")


def _record(connection: Connection, letter: Claimed, outcome: _Outcome) -> None:
    with connection, connection.cursor() as cursor:
        if outcome.fault is None:
            cursor.execute(
                "UPDATE feedback.letter SET state = 'sent', sent_at = clock_timestamp(), fault = NULL"
                " WHERE letter_id = %s",
                (letter["letter_id"],),
            )
            return
        minutes = _MINUTES_UNTIL_NEXT[min(letter["attempts"], len(_MINUTES_UNTIL_NEXT)) - 1]
        # Only this attempt's own claim is given back: a sender that was thought dead does not undo its successor's.
        cursor.execute(
            "UPDATE feedback.letter SET state = 'queued', fault = %s, unsure = unsure + %s,"
            " due_at = clock_timestamp() + %s WHERE letter_id = %s AND state = 'sending' AND attempts = %s",
            (outcome.fault, int(outcome.unsure), timedelta(minutes=minutes), letter["letter_id"], letter["attempts"]),
        )
