"""The outbox: a letter is written once, and sent once as far as SMTP allows.

``queued`` → ``sending`` → ``sent``. ``sending`` is committed before we connect to the mail server, so that a process
that dies leaves a trace: its letter is sent again later with the same Message-ID and counted as unsure. A letter that
the server refuses goes back to ``queued`` and is retried at growing intervals, without end. A letter that asks for a
decision is ``withdrawn`` once somebody has decided.
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
from sia.feedback.smtp import Attachment, Email, MailServer, SendingTimeoutError, time_limit
from sia.register_file import RegisterError
from sia.registers.approvers import approvers
from sia.registers.partners import UNIT, contacts, partners
from sia.settings import settings
from sia.storage import landing
from sia.warehouse.register_decisions import APPROVERS, CONTACTS, decided
from sia.warehouse.sql_files import rows

Claimed = dict[str, Any]

log = logging.getLogger(__name__)

# Longer than any connection to a mail server lasts: until then no other process touches a letter being sent.
LEASE = timedelta(minutes=15)
_MINUTES_UNTIL_NEXT = (1, 5, 15, 60, 240, 1440)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The number of letters that the mail server accepted in this run, and the number that failed."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class _SendAttempt:
    """The outcome of one attempt; ``reached`` says whether a server answered."""

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
        submission_id: the submission that it replies to, if any.
        about_day: the day of a digest or reminder.
        about: the candidate or requests that it asks about, if any.
        attachment: the path of a workbook, encrypted or not, relative to the state folder.

    Returns:
        True if it was queued now; False if the same letter was queued before.
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


def withdraw(cursor: Cursor, kind: str, about: str) -> None:
    """Do not send the letters of a kind about something that was decided, within the caller's transaction."""
    cursor.execute(
        "UPDATE feedback.letter SET state = 'withdrawn' WHERE (kind, about) = (%s, %s) AND state <> 'sent'",
        (kind, about),
    )


def send_due(connection: Connection, server: MailServer) -> SendResult:
    """Send every letter that is due. Commits after each letter; several processes may send at the same time.

    Args:
        connection: to the warehouse, with no open transaction.
        server: opens a connection to the mail server.

    Returns:
        How many letters were sent and how many failed. If no server answers, the rest wait for the next run.
    """
    sent = failed = 0
    while (claimed := _claim(connection)) is not None:
        outcome = _attempt(connection, claimed, server)
        _record(connection, claimed, outcome)
        if outcome.fault is None:
            sent += 1
        else:
            failed += 1
            log.warning("letter %s, attempt %s: %s", claimed["letter_id"], claimed["attempts"], outcome.fault)
        if not outcome.reached:
            break
    return SendResult(sent, failed)


def _claim(connection: Connection) -> Claimed | None:
    with connection, connection.cursor() as cursor:
        return next(iter(rows(cursor, "feedback/claim_letter", {"lease": LEASE})), None)


def _attempt(connection: Connection, letter: Claimed, server: MailServer) -> _SendAttempt:
    try:
        message = Email(
            message_id=letter["message_id"],
            sender=partners().unit.mailbox,
            recipient=_mailbox(connection, letter),
            subject=letter["subject"],
            plain=letter["plain"],
            html=letter["html"],
            attachment=_attached(letter["attachment"]),
        ).message()
    except (KeyError, ValueError, RegisterError):
        return _SendAttempt(
            "the register of partners, or of approvers, cannot be read, or has no mailbox for the recipient"
        )
    except (OSError, PermanentError):
        return _SendAttempt("the attachment cannot be read")
    begun = taken = False
    try:
        with time_limit(), server() as client:
            begun = True
            client.send_message(message)
            taken = True
    except smtplib.SMTPResponseException as refusal:
        # Not the server's own text: it may repeat an address.
        outcome = _SendAttempt(f"the mail server refused it ({refusal.smtp_code})", reached=begun)
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = sorted({code for code, _ in refusal.recipients.values()})
        outcome = _SendAttempt(f"the mail server refused the recipient ({', '.join(map(str, codes))})")
    except Exception as error:  # from the network, the library or Airflow: the server may or may not have the letter
        if begun:
            # A server that lets one letter wait would let all wait.
            outcome = _SendAttempt(
                f"the mail server did not respond ({type(error).__name__})",
                unsure=True,
                reached=not isinstance(error, SendingTimeoutError),
            )
        else:
            outcome = _SendAttempt(f"no mail server answers ({type(error).__name__})", reached=False)
    # An error while disconnecting does not change that the server accepted the letter.
    return _SendAttempt() if taken else outcome


def _attached(name: str | None) -> Attachment | None:
    """A letter's workbook, decrypted."""
    if name is None:
        return None
    with landing.open_file(settings().state, name) as file:
        return Attachment(PurePosixPath(name).name, file.read())


def _mailbox(connection: Connection, letter: Claimed) -> str:
    """The address of a letter's reader.

    Raises:
        KeyError: no register has it.
        RegisterError: a register is invalid.
    """
    recipient = letter["recipient"]
    if letter["kind"] != "approval" and recipient == UNIT:
        return partners().unit.mailbox
    with connection, connection.cursor() as cursor:
        if letter["kind"] == "approval":
            return {approver.id: approver.mailbox for approver in approvers(decided(cursor, APPROVERS))}[recipient]
        contact = contacts(decided(cursor, CONTACTS))[recipient]
    return contact.escalation if letter["kind"] == "escalation" else contact.mailbox


def _record(connection: Connection, letter: Claimed, outcome: _SendAttempt) -> None:
    with connection, connection.cursor() as cursor:
        if outcome.fault is None:
            cursor.execute(
                "UPDATE feedback.letter SET state = 'sent', sent_at = clock_timestamp(), fault = NULL"
                " WHERE letter_id = %s",
                (letter["letter_id"],),
            )
            return
        minutes = _MINUTES_UNTIL_NEXT[min(letter["attempts"], len(_MINUTES_UNTIL_NEXT)) - 1]
        # Only this attempt's own claim goes back: a slow process must not undo the claim of the one after it.
        cursor.execute(
            "UPDATE feedback.letter SET state = 'queued', fault = %s, unsure = unsure + %s,"
            " due_at = clock_timestamp() + %s WHERE letter_id = %s AND state = 'sending' AND attempts = %s",
            (outcome.fault, int(outcome.unsure), timedelta(minutes=minutes), letter["letter_id"], letter["attempts"]),
        )
