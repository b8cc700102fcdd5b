"""The watchdog: a process outside Airflow that writes to the unit when Airflow does no work.

A failed run tells the unit itself. Nobody tells it that nothing runs any more: a scheduler that hangs, a full disk, a
database that does not answer. So the watchdog looks at the heartbeat (``sia.heartbeat``), and needs neither Airflow's
services nor PostgreSQL for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sia import heartbeat
from sia.feedback.email_to_unit import email_unit
from sia.feedback.smtp import MailServer

log = logging.getLogger(__name__)

POLL_SECONDS = 30.0
_REMIND_AFTER = timedelta(days=1)
_SILENT = (
    "Airflow does no work",
    "Airflow has done no work {since}. Returns may not be checked, and letters may not be sent. Restart all"
    " services, also those that run (docker compose restart, or make down and then make up), and read the runbook of"
    " the DAG heartbeat.",
)
_BACK = ("Airflow works again", "Airflow works again. It goes on with what was waiting.")


@dataclass(slots=True)
class Watchdog:
    """What the watchdog knows: since when it watches, and when it last wrote that Airflow does no work.

    ``mail_server`` opens a connection to the mail server.
    """

    mail_server: MailServer
    started_at: datetime
    wrote_at: datetime | None = field(default=None)

    def look(self, now: datetime) -> None:
        """Look at the heartbeat, and write to the unit if Airflow does no work, once a day, or works again.

        An email that cannot be sent is tried again at the next look.
        """
        age = heartbeat.age(now)
        # After a start, Airflow gets time for its first beat.
        silence = min(now - self.started_at if age is None else age, now - self.started_at)
        if silence > heartbeat.MAX_SILENCE:
            if self.wrote_at is None or now - self.wrote_at > _REMIND_AFTER:
                subject, text = _SILENT
                since = "since we started it" if age is None else f"for {age // timedelta(minutes=1)} minutes"
                if self._send(subject, text.format(since=since)):
                    self.wrote_at = now
        elif self.wrote_at is not None and age is not None and age <= heartbeat.MAX_SILENCE and self._send(*_BACK):
            self.wrote_at = None

    def _send(self, subject: str, text: str) -> bool:
        log.warning("%s. %s", subject, text)
        try:
            email_unit(self.mail_server, subject, text)
        except Exception as error:  # whatever the mail server does, the watchdog goes on watching
            log.warning("the email cannot be sent (%s)", type(error).__name__)
            return False
        return True


def watch(mail_server: MailServer, pause: Callable[[float], None] = time.sleep) -> None:
    """Watch until the process is ended.

    Args:
        mail_server: opens a connection to the mail server.
        pause: waits for some seconds.
    """
    watchdog = Watchdog(mail_server, started_at=datetime.now(UTC))
    while True:
        watchdog.look(datetime.now(UTC))
        pause(POLL_SECONDS)
