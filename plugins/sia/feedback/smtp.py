"""An email: its form on the wire, and the SMTP server that sends it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import NamedTuple

# Opens a connection to the mail server, ready to send.
MailServer = Callable[[], AbstractContextManager[smtplib.SMTP]]

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Attachment(NamedTuple):
    """An xlsx workbook that is attached to an email, and its name there."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Email:
    """An email as it is sent."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    plain: str
    html: str
    attachment: Attachment | None

    def message(self) -> EmailMessage:
        """The email in its wire form."""
        # Seven bits, so that no server on the way has to encode it again.
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        message["Message-ID"] = self.message_id
        message["Date"] = format_datetime(localtime())
        message["From"] = self.sender
        message["To"] = self.recipient
        message["Subject"] = self.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.plain)
        message.add_alternative(self.html, subtype="html")
        if self.attachment is not None:
            maintype, subtype = _XLSX
            message.add_attachment(
                self.attachment.content, maintype=maintype, subtype=subtype, filename=self.attachment.name
            )
        return message
