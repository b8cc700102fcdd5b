"""An SMTP server on this machine that accepts, refuses or aborts, as a test asks."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sia.feedback import smtp
from tests.ports import free_port


class Mailbox:
    """Keeps the letters that it accepts. ``answer`` is its answer to a letter, after which it ``aborts`` if asked."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer = "250 accepted"
        self.aborts = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.letters.append(message_from_bytes(bytes(envelope.content or b""), _class=EmailMessage, policy=default))
            self.recipients.append(envelope.rcpt_tos)
        if self.aborts and server.transport is not None:
            server.transport.abort()
        return self.answer


class MissingMailbox(Mailbox):
    """Refuses every recipient."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return "550 no such mailbox as secret@example.org"


def words_of(message: EmailMessage, kind: str) -> str:
    """The text of an email, ``plain`` or ``html``."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@contextmanager
def running(server: Mailbox, port: int | None = None) -> Iterator[smtp.MailServer]:
    """How to connect to a mail server while it runs, on a free port unless one is given."""
    port = port or free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield connection_to(port)
    finally:
        controller.stop()


def connection_to(port: int) -> smtp.MailServer:
    """How to connect to a port, whether or not a mail server listens there."""

    def connect() -> AbstractContextManager[smtplib.SMTP]:
        return smtplib.SMTP("127.0.0.1", port, timeout=10)

    return connect


@contextmanager
def endless_mail_server() -> Iterator[smtp.MailServer]:
    """How to connect to a server that greets, and whose first answer never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                client, _ = listener.accept()
                with client:
                    client.sendall(b"220 ready\r\n")
                    while True:
                        client.sendall(b"250-and another line\r\n")
                        time.sleep(0.05)

        threading.Thread(target=answer, daemon=True).start()
        yield greeted_at(listener.getsockname()[1])


def greeted_at(port: int) -> smtp.MailServer:
    """How Airflow connects: it greets the server before we get the connection."""

    @contextmanager
    def connect() -> Iterator[smtplib.SMTP]:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.ehlo()
            yield client

    return connect
