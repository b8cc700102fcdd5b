"""One mail over SMTP: what it looks like, and the server that takes it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import NamedTuple, cast

CONNECTION = "smtp_default"

# Opens a conversation with the mail server, ready to send.
Server = Callable[[], AbstractContextManager[smtplib.SMTP]]

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Workbook(NamedTuple):
    """An xlsx workbook that goes with a mail, and what it is called there."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it goes out."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    plain: str
    html: str
    attachment: Workbook | None

    def message(self) -> EmailMessage:
        """The mail in its wire form."""
        # Seven bits, so that no server on the way has to write it anew.
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


@contextmanager
def airflow_server() -> Iterator[smtplib.SMTP]:
    """The mail server of Airflow's connection ``smtp_default``, logged in as the connection says.

    The hook's own ``send_email_smtp`` is not used: it tries again by itself whatever the server said, which repeats
    letters, and it sends no plain text. Its connection, with TLS and log-in, is what we want of it.
    """
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=CONNECTION) as hook:
        # The hook has no public way to the client that it opened.
        yield cast("smtplib.SMTP", hook._smtp_client)
