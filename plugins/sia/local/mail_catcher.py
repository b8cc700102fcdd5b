"""The local mail catcher: an SMTP server that keeps every letter in a maildir, and forwards none."""

from __future__ import annotations

import mailbox
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from sia.feedback.smtp import MailServer
from sia.local.ports import LOOPBACK, free_port


def folder(state: Path) -> Path:
    """The folder of the letters."""
    return state / "mail"


@contextmanager
def catching(state: Path, port: int | None = None) -> Iterator[MailServer]:
    """Catch letters on a port, or on any free port. Yields a function that connects to the catcher."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Mailbox

    folder(state).parent.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    catcher = Controller(Mailbox(folder(state)), hostname=LOOPBACK, port=port)
    catcher.start()
    try:
        yield lambda: smtplib.SMTP(LOOPBACK, port, timeout=30)
    finally:
        catcher.stop()


def caught(state: Path) -> list[EmailMessage]:
    """The letters, oldest first."""
    if not folder(state).is_dir():
        return []
    maildir = mailbox.Maildir(folder(state), create=False)
    files = sorted((folder(state) / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    parse = BytesParser(policy=policy.default).parsebytes
    emails = (parse(maildir.get_bytes(file.name)) for file in files)
    return [email for email in emails if isinstance(email, EmailMessage)]


def as_text(email: EmailMessage) -> str:
    """A letter as plain text, with the names of its attachments."""
    body = email.get_body(preferencelist=("plain", "html"))
    lines = [f"{name}: {email[name]}" for name in ("From", "To", "Date", "Subject")]
    lines += [f"Attached: {part.get_filename() or 'without a name'}" for part in email.iter_attachments()]
    return "\n".join([*lines, "", body.get_content().rstrip() if body else "(no text)"])
