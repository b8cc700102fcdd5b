"""The outbox and mail servers that accept, refuse, abort or are not there."""

from __future__ import annotations

import signal
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from sia.feedback import outbox, smtp
from sia.feedback.letter import Letter
from sia.feedback.smtp import SendingTimeoutError, time_limit
from sia.storage import encrypted
from sia.warehouse import database
from sia_airflow import airflow_compat
from tests.conftest import Warehouse
from tests.mail_server import Mailbox, MissingMailbox, connection_to, endless_mail_server, running
from tests.ports import free_port
from tests.submissions import query

LETTER = Letter("digest", "Returns: what is owed", "Café: £5 owed\n", "<p>Café: £5 owed</p>\n")


def queue(connection: Connection, day: date = date(2022, 5, 4), recipient: str = "odas", **more: Any) -> bool:
    with connection, connection.cursor() as cursor:
        return outbox.queue(cursor, recipient, LETTER, about_day=day, **more)


def state(connection: Connection) -> list[tuple[Any, ...]]:
    return query(connection, "SELECT state, attempts, unsure, fault FROM feedback.letter ORDER BY queued_at")


def due_now(connection: Connection) -> None:
    """Let the time until the next attempt pass."""
    query(connection, "UPDATE feedback.letter SET due_at = clock_timestamp() WHERE state <> 'sent' RETURNING 1")


def test_a_letter_arrives_as_text_and_html_with_its_workbook(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    encrypted.write_encrypted(tmp_path, "fix.xlsx", b"PK what to fix")
    assert b"PK what" not in (tmp_path / "fix.xlsx.age").read_bytes()
    queue(warehouse.connection, attachment="fix.xlsx")
    mailbox = Mailbox()
    with running(mailbox) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0)
    (message,) = mailbox.letters
    assert (message["To"], message["From"]) == (
        "odas-returns@example.org",
        "safer-communities-unit@example.org",
    )
    assert message["Subject"] == LETTER.subject
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.plain
    assert html.get_content().replace("\r\n", "\n") == LETTER.html
    (workbook,) = message.iter_attachments()
    assert (workbook.get_filename(), workbook.get_content()) == ("fix.xlsx", b"PK what to fix")
    assert mailbox.recipients == [["odas-returns@example.org"]]
    assert state(warehouse.connection) == [("sent", 1, 0, None)]
    (message_id,) = query(warehouse.connection, "SELECT message_id FROM feedback.letter")[0]
    assert message["Message-ID"] == message_id


def test_a_letter_is_queued_once_for_its_kind(warehouse: Warehouse) -> None:
    assert queue(warehouse.connection)
    assert not queue(warehouse.connection)
    assert queue(warehouse.connection, recipient="unit")
    assert len(state(warehouse.connection)) == 2


@pytest.mark.parametrize(
    ("handler", "answer", "fault"),
    [
        (Mailbox, "451 try later", "the mail server refused it (451)"),
        (Mailbox, "554 not wanted", "the mail server refused it (554)"),
        (MissingMailbox, "250 accepted", "the mail server refused the recipient (550)"),
    ],
)
def test_a_refused_letter_waits_and_is_sent_again(
    warehouse: Warehouse, handler: type[Mailbox], answer: str, fault: str
) -> None:
    queue(warehouse.connection)
    refusing, mailbox = handler(), Mailbox()
    refusing.answer = answer
    with running(refusing) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 1)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0), "it is not due yet"
    assert state(warehouse.connection) == [("queued", 1, 0, fault)]
    due_now(warehouse.connection)
    with running(mailbox) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert len(mailbox.letters) == 1
    assert state(warehouse.connection) == [("sent", 2, 0, None)]


def test_a_server_that_never_ends_its_answer_keeps_no_other_run_waiting(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It greets us, and then answers in lines that all announce another: no limit of time for a line helps."""
    monkeypatch.setattr(outbox, "time_limit", partial(time_limit, 1.0))
    for recipient in ("odas", "unit"):
        queue(warehouse.connection, recipient=recipient)
    with endless_mail_server() as server:
        began = time.monotonic()
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 1)
        assert time.monotonic() - began < 5
    assert sorted(state(warehouse.connection), key=str) == [
        ("queued", 0, 0, None),
        ("queued", 1, 0, "no mail server answers (SendingTimeoutError)"),
    ]


def test_a_limit_of_time_leaves_the_caller_s_timer() -> None:
    """Airflow's limit of a task is such a timer."""
    expired: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: expired.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(SendingTimeoutError), time_limit(0.1):
            time.sleep(5)
        assert expired == []
        time.sleep(0.4)
        assert expired == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_attempts_become_rarer_and_never_end(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    waits = []
    refusing = Mailbox()
    refusing.answer = "451 try later"
    with running(refusing) as server:
        for _ in range(8):
            due_now(warehouse.connection)
            outbox.send_due(warehouse.connection, server)
            waits += query(
                warehouse.connection,
                "SELECT round(extract(epoch FROM due_at - clock_timestamp()) / 60)::integer FROM feedback.letter",
            )
    assert [minutes for (minutes,) in waits] == [1, 5, 15, 60, 240, 1440, 1440, 1440]


def test_a_server_that_aborts_after_accepting_gets_the_same_letter_again(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    mailbox = Mailbox()
    mailbox.aborts = True
    with running(mailbox) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 1)
        assert state(warehouse.connection) == [
            ("queued", 1, 1, "the mail server did not respond (SMTPServerDisconnected)")
        ]
        mailbox.aborts = False
        due_now(warehouse.connection)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert len(mailbox.letters) == 2
    assert len({message["Message-ID"] for message in mailbox.letters}) == 1
    assert state(warehouse.connection) == [("sent", 2, 1, None)]


def test_without_a_server_we_try_the_first_letter_and_the_rest_wait(warehouse: Warehouse) -> None:
    for day in (1, 2, 3):
        queue(warehouse.connection, date(2022, 5, day))
    assert outbox.send_due(warehouse.connection, connection_to(free_port())) == outbox.SendResult(0, 1)
    assert state(warehouse.connection)[0] == ("queued", 1, 0, "no mail server answers (ConnectionRefusedError)")
    assert state(warehouse.connection)[1:] == [("queued", 0, 0, None)] * 2


def test_a_letter_that_cannot_be_sent_does_not_delay_the_others(warehouse: Warehouse) -> None:
    queue(warehouse.connection, recipient="unknown_partner")
    queue(warehouse.connection, recipient="csps", attachment="not/there.xlsx")
    queue(warehouse.connection)
    mailbox = Mailbox()
    with running(mailbox) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 2)
    assert [fault for *_, fault in state(warehouse.connection)] == [
        "the register of partners, or of approvers, cannot be read, or has no mailbox for the recipient",
        "the attachment cannot be read",
        None,
    ]


class Killed(BaseException):
    """The process that sends is killed."""


@contextmanager
def killing(server: smtp.MailServer) -> Iterator[Callable[[], AbstractContextManager[smtplib.SMTP]]]:
    """A server after whose answer the process that sends is killed, before it can record the answer."""

    @contextmanager
    def conversation() -> Iterator[smtplib.SMTP]:
        with server() as client:
            yield client
        raise Killed

    yield conversation


def test_a_letter_whose_answer_was_not_recorded_is_sent_again_with_the_same_id(warehouse: Warehouse) -> None:
    queue(warehouse.connection)
    mailbox = Mailbox()
    with running(mailbox) as server:
        with killing(server) as killing_server, pytest.raises(Killed):
            outbox.send_due(warehouse.connection, killing_server)
        warehouse.connection.rollback()
        assert state(warehouse.connection) == [("sending", 1, 0, None)]
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(0, 0), "another may be sending it"
        due_now(warehouse.connection)
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    assert state(warehouse.connection) == [("sent", 2, 1, None)]
    assert len({message["Message-ID"] for message in mailbox.letters}) == 1


def test_two_senders_send_each_letter_once(warehouse: Warehouse) -> None:
    for day in range(1, 9):
        queue(warehouse.connection, date(2022, 5, day))
    mailbox = Mailbox()
    second_connection = database.connect()
    try:
        with running(mailbox) as server:

            @contextmanager
            def while_another_sends() -> Iterator[smtplib.SMTP]:
                # While this process talks to the server, another claims and sends a letter.
                with server() as client:
                    yield client
                claimed = outbox._claim(second_connection)
                if claimed is not None:
                    sent_by_another.append(claimed["letter_id"])
                    outbox._record(second_connection, claimed, outbox._SendAttempt())

            sent_by_another: list[str] = []
            result = outbox.send_due(warehouse.connection, while_another_sends)
    finally:
        second_connection.close()
    assert result.sent + len(sent_by_another) == 8
    assert len(sent_by_another) == 4
    assert {row[0] for row in state(warehouse.connection)} == {"sent"}
    assert [row[1] for row in state(warehouse.connection)] == [1] * 8


def test_letters_are_sent_through_the_connection_of_airflow(
    warehouse: Warehouse, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(warehouse.connection)
    mailbox = Mailbox()
    with running(mailbox) as server:
        with server() as client:
            port = client.sock.getpeername()[1]  # type: ignore[union-attr]
        monkeypatch.setenv(
            "AIRFLOW_CONN_SMTP_DEFAULT",
            f"smtp://127.0.0.1:{port}?disable_ssl=true&disable_tls=true&from_email=x%40example.org",
        )
        assert outbox.send_due(warehouse.connection, airflow_compat.mail_server) == outbox.SendResult(1, 0)
    assert len(mailbox.letters) == 1
