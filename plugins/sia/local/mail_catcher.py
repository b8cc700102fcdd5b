"""The local mail catcher: takes every mail on the loopback address, keeps it in a maildir, sends none on.

``serve`` is the catcher, a real SMTP server; without an argument the mails are listed, or one is shown.
"""

from __future__ import annotations

import mailbox
import os
import signal
import smtplib
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from sia.errors import PermanentError
from sia.feedback.smtp import MailServer
from sia.local.airflow import LOOPBACK
from sia.local.console import run_command
from sia.settings import settings


def folder(state: Path) -> Path:
    """Where the mails are kept."""
    return state / "mail"


@contextmanager
def catching(state: Path, port: int | None = None) -> Iterator[MailServer]:
    """Take mail on a port, or on any that is free; how to open a conversation with the catcher."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Mailbox

    folder(state).parent.mkdir(parents=True, exist_ok=True)
    port = port or _free_port()
    catcher = Controller(Mailbox(folder(state)), hostname=LOOPBACK, port=port)
    catcher.start()
    try:
        yield lambda: smtplib.SMTP(LOOPBACK, port, timeout=30)
    finally:
        catcher.stop()


def serve(state: Path, port: int) -> None:
    """Take mail until told to stop."""
    with catching(state, port):
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


def caught(state: Path) -> list[EmailMessage]:
    """The mails, oldest first."""
    if not folder(state).is_dir():
        return []
    kept = mailbox.Maildir(folder(state), create=False)
    files = sorted((folder(state) / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    parse = BytesParser(policy=policy.default).parsebytes
    return [m for m in (parse(kept.get_bytes(file.name)) for file in files) if isinstance(m, EmailMessage)]


def show(mail: EmailMessage) -> str:
    """One mail as plain text, with the names of what is attached."""
    body = mail.get_body(preferencelist=("plain", "html"))
    attached = [part.get_filename() or "without a name" for part in mail.iter_attachments()]
    lines = [f"{name}: {mail[name]}" for name in ("From", "To", "Date", "Subject")]
    lines += [f"Attached: {name}" for name in attached]
    return "\n".join([*lines, "", body.get_content().rstrip() if body else "(no text)"])


def main(arguments: list[str]) -> None:
    """Serve, list, or show the mail whose number is in ``N``."""
    state = settings().state
    if arguments == ["serve"]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        serve(state, int(os.environ["SIA_MAIL_PORT"]))
        return
    mails = caught(state)
    if number := os.environ.get("N", "").strip():
        if not number.isdigit() or not 1 <= int(number) <= len(mails):
            raise PermanentError(f"there is no mail {number}; there are {len(mails)}")
        print(show(mails[int(number) - 1]))
        return
    for count, mail in enumerate(mails, start=1):
        print(f"{count:>4}  {mail['Date']}  to {mail['To']}: {mail['Subject']}")
    print(f"{len(mails)} mails. One is shown by make mail N=1" if mails else "No mail was caught.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1:]))
