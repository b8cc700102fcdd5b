"""The outbox against real SMTP servers on the loopback: that take, refuse, die, or are not there."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg2.extensions import connection as Connection

from sia.feedback import outbox, smtp
from sia.feedback.letter import Letter
from sia.storage import encrypted
from sia.warehouse import database
from tests.conftest import Warehouse
from tests.submissions import query

LETTER = Letter("digest", "Returns: what is owed", "Café: £5 owed\n", "<p>Café: £5 owed</p>\n")


class Taking:
    """Takes every mail, answering as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer = "250 taken"
        self.dies = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(bytes(envelope.content or b""), _class=EmailMessage, policy=default))
            self.recipients.append(envelope.rcpt_tos)
        if self.dies and server.transport is not None:
            server.transport.abort()
        return self.answer


class RefusingRecipients(Taking):
    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return "550 no such mailbox as secret@example.org"


@contextmanager
def serving(handler: Taking) -> Iterator[smtp.MailServer]:
    with serving_at(handler, closed_port()) as server:
        yield server


@contextmanager
def serving_at(handler: Taking, port: int) -> Iterator[smtp.MailServer]:
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield at(port)
    finally:
        controller.stop()


def at(port: int) -> smtp.MailServer:
    def server() -> AbstractContextManager[smtplib.SMTP]:
        return smtplib.SMTP("127.0.0.1", port, timeout=10)

    return server


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def queue(connection: Connection, day: date = date(2022, 5, 4), recipient: str = "odas", **more: Any) -> bool:
    with connection, connection.cursor() as cursor:
        return outbox.queue(cursor, recipient, LETTER, about_day=day, **more)


def state(connection: Connection) -> list[tuple[Any, ...]]:
    return query(connection, "SELECT state, attempts, unsure, fault FROM feedback.letter ORDER BY queued_at")


def due_now(connection: Connection) -> None:
    """As if the time until the next attempt had passed."""
    query(connection, "UPDATE feedback.letter SET due_at = clock_timestamp() WHERE state <> 'sent' RETURNING 1")


def test_a_letter_arrives_as_text_and_html_with_its_workbook(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    encrypted.write_encrypted(tmp_path, "fix.xlsx", b"PK what to fix")
    assert b"PK" not in (tmp_path / "fix.xlsx.age").read_bytes()
    queue(warehouse.connection, attachment="fix.xlsx")
    taking = Taking()
    with serving(taking) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0)
    (mail,) = taking.mails
    assert (mail["To"], mail["From"]) == ("odas-returns@example.org", "safer-communities-unit@example.org")
    assert mail["Subject"] == LETTER.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.plain
    assert html.get_content().replace("\r\n", "\n") == LETTER.html
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("fix.xlsx", b"PK what to fix")
    assert taking.recipients == [["odas-returns@example.org"]]
    assert state(warehouse.connection) == [("sent", 1, 0, None)]
    (message_id,) = query(warehouse.connection, "SELECT message_id FROM feedback.letter")[0]
    assert mail["Message-ID"] == message_id


def test_a_letter_is_queued_once_for_its_kind(warehouse: Warehouse) -> None:
    assert queue(warehouse.connection)
    assert not queue(warehouse.connection)
    assert queue(warehouse.connection, recipient="unit")
    assert len(state(warehouse.connection)) == 2


@pytest.mark.parametrize(
    ("handler", "answer", "fault"),
    [
        (Taking, "451 try later", "the mail server refused it (451)"),
        (Taking, "554 not wanted", "the mail server refused it (554)"),
        (RefusingRecipients, "250 taken", "the mail server refused the recipient (550)"),
    ],
)
def test_a_refused_letter_waits_and_is_sent_when_it_is_taken(
    warehouse: Warehouse, handler: type[Taking], answer: str, fault: str
) -> None:
    queue(warehouse.connection)
    refusing, taking = handler(), Taking()
    refusing.answer = answer
    with serving(refusing) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 1)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0), "not before its time"
    assert state(warehouse.connection) == [("queued", 1, 0, fault)]
    due_now(warehouse.connection)
    with serving(taking) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert len(taking.mails) == 1
    assert state(warehouse.connection) == [("sent", 2, 0, None)]


def test_attempts_grow_rarer_and_never_end(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    waits = []
    refusing = Taking()
    refusing.answer = "451 try later"
    with serving(refusing) as server:
        for _ in range(8):
            due_now(warehouse.connection)
            outbox.send_due(warehouse.connection, server)
            waits += query(
                warehouse.connection,
                "SELECT round(extract(epoch FROM due_at - clock_timestamp()) / 60)::integer FROM feedback.letter",
            )
    assert [minutes for (minutes,) in waits] == [1, 5, 15, 60, 240, 1440, 1440, 1440]


def test_a_server_that_dies_after_taking_gets_the_same_letter_again_and_the_unit_sees_it(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    taking = Taking()
    taking.dies = True
    with serving(taking) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 1)
        assert state(warehouse.connection) == [
            ("queued", 1, 1, "the mail server did not respond (SMTPServerDisconnected)")
        ]
        taking.dies = False
        due_now(warehouse.connection)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert len(taking.mails) == 2
    assert len({mail["Message-ID"] for mail in taking.mails}) == 1
    assert state(warehouse.connection) == [("sent", 2, 1, None)]


def test_without_a_server_the_first_letter_is_tried_and_the_rest_wait(warehouse: Warehouse) -> None:
    for day in (1, 2, 3):
        queue(warehouse.connection, date(2022, 5, day))
    assert outbox.send_due(warehouse.connection, at(closed_port())) == outbox.SendResult(0, 1)
    assert state(warehouse.connection)[0] == ("queued", 1, 0, "no mail server answers (ConnectionRefusedError)")
    assert state(warehouse.connection)[1:] == [("queued", 0, 0, None)] * 2


def test_one_letter_that_cannot_go_does_not_hold_up_the_others(warehouse: Warehouse) -> None:
    queue(warehouse.connection, recipient="nobody_we_know")
    queue(warehouse.connection, recipient="csps", attachment="not/there.xlsx")
    queue(warehouse.connection)
    taking = Taking()
    with serving(taking) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 2)
    assert [fault for *_, fault in state(warehouse.connection)] == [
        "the register of partners, or of approvers, cannot be read, or has no mailbox for the recipient",
        "the attachment cannot be read",
        None,
    ]


class Killed(BaseException):
    """The sender's process ends here."""


@contextmanager
def killing(server: smtp.MailServer) -> Iterator[Callable[[], AbstractContextManager[smtplib.SMTP]]]:
    """A server after whose "taken" the sender is killed, before it can write that down."""

    @contextmanager
    def conversation() -> Iterator[smtplib.SMTP]:
        with server() as client:
            yield client
        raise Killed

    yield conversation


def test_a_sender_that_is_killed_before_it_wrote_down_sends_again_under_the_same_id(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    taking = Taking()
    with serving(taking) as server:
        with killing(server) as deadly, pytest.raises(Killed):
            outbox.send_due(warehouse.connection, deadly)
        warehouse.connection.rollback()
        assert state(warehouse.connection) == [("sending", 1, 0, None)]
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0), "another may be at it still"
        due_now(warehouse.connection)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert state(warehouse.connection) == [("sent", 2, 1, None)]
    assert len({mail["Message-ID"] for mail in taking.mails}) == 1


def test_two_senders_send_each_letter_once(warehouse: Warehouse) -> None:
    for day in range(1, 9):
        queue(warehouse.connection, date(2022, 5, day))
    taking = Taking()
    other = database.connect()
    try:
        with serving(taking) as server:

            @contextmanager
            def with_another() -> Iterator[smtplib.SMTP]:
                # While this one talks to the server, another claims and sends a letter.
                with server() as client:
                    yield client
                claimed = outbox._claim(other)
                if claimed is not None:
                    seen.append(claimed["letter_id"])
                    outbox._record(other, claimed, outbox._SendAttempt())

            seen: list[str] = []
            sent = outbox.send_due(warehouse.connection, with_another)
    finally:
        other.close()
    assert sent.sent + len(seen) == 8
    assert len(seen) == 4
    assert {row[0] for row in state(warehouse.connection)} == {"sent"}
    assert [row[1] for row in state(warehouse.connection)] == [1] * 8


def test_airflows_own_connection_sends_it(
    warehouse: Warehouse, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(warehouse.connection)
    taking = Taking()
    with serving(taking) as server:
        with server() as client:
            port = client.sock.getpeername()[1]  # type: ignore[union-attr]
        monkeypatch.setenv(
            "AIRFLOW_CONN_SMTP_DEFAULT",
            f"smtp://127.0.0.1:{port}?disable_ssl=true&disable_tls=true&from_email=x%40example.org",
        )
        assert outbox.send_due(warehouse.connection, smtp.airflow_server) == outbox.SendResult(1, 0)
    assert len(taking.mails) == 1
