"""The heartbeat and the watchdog: the unit gets an email when Airflow does no work, and when it works again."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from sia import heartbeat, watchdog
from sia.calendar import Quarter
from sia.settings import overridden
from sia.watchdog import Watchdog

NOW = datetime(2022, 5, 5, 9, 30, tzinfo=UTC)
QUARTER = Quarter(2021, 4)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path) -> Iterator[None]:
    with overridden(state=tmp_path):
        yield


class MailServer:
    """A mail server that keeps the subjects of its emails, or refuses them."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.refuses = False

    @contextmanager
    def connect(self) -> Iterator[smtplib.SMTP]:
        if self.refuses:
            raise ConnectionRefusedError
        yield self  # type: ignore[misc]

    def send_message(self, message: EmailMessage) -> None:
        self.subjects.append(message["Subject"])


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def beat_at(moment: datetime, *quarters: Quarter) -> list[Quarter]:
    due = heartbeat.beat(moment, quarters)
    os.utime(heartbeat.path(), (moment.timestamp(), moment.timestamp()))
    return due


def test_a_service_that_beats_is_left_alone() -> None:
    mail = MailServer()
    watching = Watchdog(mail.connect, started_at=NOW)
    for count in range(0, 60, 5):
        beat_at(minutes(count))
        watching.look(minutes(count + 4))
    assert mail.subjects == []


def test_the_unit_gets_an_email_a_day_and_one_when_airflow_works_again() -> None:
    mail = MailServer()
    watching = Watchdog(mail.connect, started_at=minutes(-60))
    beat_at(NOW)
    for count in range(11):
        watching.look(minutes(count))
    assert mail.subjects == []
    for count in range(11, 60):
        watching.look(minutes(count))
    assert mail.subjects == ["Airflow does no work"]
    watching.look(minutes(25 * 60))
    assert mail.subjects == ["Airflow does no work"] * 2
    beat_at(minutes(25 * 60 + 1))
    for count in (2, 3):
        watching.look(minutes(25 * 60 + count))
    assert mail.subjects == ["Airflow does no work", "Airflow does no work", "Airflow works again"]


def test_the_unit_gets_an_email_when_airflow_does_not_work_ten_minutes_after_the_start() -> None:
    mail = MailServer()
    watching = Watchdog(mail.connect, started_at=NOW)
    watching.look(minutes(10))
    assert mail.subjects == []
    watching.look(minutes(10.5))
    assert mail.subjects == ["Airflow does no work"]


def test_an_old_heartbeat_gives_airflow_time_after_a_start() -> None:
    mail = MailServer()
    beat_at(NOW - timedelta(days=3))
    watching = Watchdog(mail.connect, started_at=NOW)
    watching.look(minutes(9))
    assert mail.subjects == []


def test_an_email_that_cannot_be_sent_is_tried_again() -> None:
    mail = MailServer()
    mail.refuses = True
    watching = Watchdog(mail.connect, started_at=NOW)
    watching.look(minutes(11))
    mail.refuses = False
    watching.look(minutes(12))
    assert mail.subjects == ["Airflow does no work"]


def test_the_watchdog_goes_on_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[datetime] = []
    monkeypatch.setattr(Watchdog, "look", lambda _, now: looks.append(now))

    def pause(seconds: float) -> None:
        assert seconds < heartbeat.MAX_SILENCE.total_seconds()
        if len(looks) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watchdog.watch(MailServer().connect, pause)
    assert len(looks) == 3


def test_a_draft_is_asked_for_when_a_quarter_has_none_for_ten_minutes_and_then_once_a_day() -> None:
    assert beat_at(NOW, QUARTER) == []
    assert beat_at(minutes(5), QUARTER) == []
    assert beat_at(minutes(10), QUARTER) == [QUARTER]
    assert beat_at(minutes(15), QUARTER) == []
    assert beat_at(minutes(10 + 24 * 60), QUARTER) == [QUARTER]
    assert beat_at(minutes(15 + 24 * 60)) == []
    assert beat_at(minutes(20 + 24 * 60), QUARTER) == [], "it was drafted in between, and has none again"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"2021-22Q4": 1}', '{"2021-22Q4": "yesterday"}'])
def test_a_heartbeat_that_cannot_be_read_counts_as_empty(content: str) -> None:
    heartbeat.path().write_text(content)
    assert beat_at(NOW, QUARTER) == []
    assert beat_at(minutes(10), QUARTER) == [QUARTER]
