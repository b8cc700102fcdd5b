"""The mail catcher is a real SMTP server."""

from __future__ import annotations

import os
import smtplib
import socket
import time
from email.message import EmailMessage
from pathlib import Path

from sia.local import mail_catcher, processes, services
from sia.local.ports import Ports, free_port
from sia.paths import PROJECT


def wait_until(true: object, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_letter_is_caught_and_shown(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "SIA_STATE": str(tmp_path), "PYTHONPATH": str(PROJECT / "plugins")}
    ports = Ports(mail=port, mail_page=free_port())
    processes.start(tmp_path, "mail", services.commands(ports)["mail"], environment)
    try:
        sent = EmailMessage()
        sent["From"], sent["To"], sent["Subject"] = "unit@example.org", "partner@example.org", "Receipt ODA-1"
        sent.set_content("Thank you.\n")
        sent.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="marked.xlsx")
        wait_until(lambda: _answers(port))
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
            relay.send_message(sent)
    finally:
        processes.stop(tmp_path, ["mail"])
    (caught,) = mail_catcher.caught(tmp_path)
    shown = mail_catcher.as_text(caught)
    assert "To: partner@example.org" in shown
    assert "Attached: marked.xlsx" in shown
    assert shown.endswith("Thank you.")


def test_without_letters_the_list_is_empty(tmp_path: Path) -> None:
    assert mail_catcher.caught(tmp_path) == []
