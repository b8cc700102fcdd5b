"""An email: its form on the wire, and the SMTP server that sends it."""

from __future__ import annotations

import signal
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import NamedTuple

# Opens a connection to the mail server, ready to send.
MailServer = Callable[[], AbstractContextManager[smtplib.SMTP]]

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")

MAX_SENDING_SECONDS = 120.0
"""How long one email may take, from the connection on. The answer of a server may never end."""


class SendingTimeoutError(Exception):
    """Sending an email took too long. Not an ``OSError``: ``smtplib`` would take it for a closed connection."""


@contextmanager
def time_limit(seconds: float = MAX_SENDING_SECONDS) -> Iterator[None]:
    """Let a block run for some seconds. A timer of the caller goes on afterwards.

    Only the main thread of a process can be interrupted. In another thread the block has no limit: a letter that it
    holds is sent by the next run of the outbox.

    Raises:
        SendingTimeoutError: the seconds are over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise SendingTimeoutError(f"not done after {seconds:.0f} seconds")

    handler = signal.signal(signal.SIGALRM, end)
    began = time.monotonic()
    # Again and again: taking leave of such a server would not end either.
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, min(seconds, 5.0))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


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
