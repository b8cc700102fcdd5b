"""Emails that the desk sends at once to an address. The outbox writes to people, at the address that they then have."""

from __future__ import annotations

import logging
import smtplib
from datetime import UTC, datetime
from uuid import uuid4

from sia.feedback.letter import Letter
from sia.feedback.smtp import Email, MailServer
from sia.registers.partners import partners

_log = logging.getLogger(__name__)


def send(mail_server: MailServer, mailbox: str, letter: Letter) -> bool:
    """Send a letter to an address; False if the mail server does not take it, which is logged."""
    sender = partners().unit.mailbox
    message_id = f"<{uuid4()}@{sender.partition('@')[2]}>"
    email = Email(message_id, sender, mailbox, letter.subject, letter.plain, letter.html, None)
    try:
        with mail_server() as client:
            client.send_message(email.message())
    except (OSError, smtplib.SMTPException) as error:
        # Not the server's own text, which may repeat the address.
        _log.error(
            "an email (%s) could not be sent: %s, %s", letter.kind, type(error).__name__, datetime.now(UTC).isoformat()
        )
        return False
    return True
