"""``sia up``, ``sia down`` and ``sia mail``: the services on this machine."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import make_url

from sia import heartbeat
from sia.errors import PermanentError
from sia.local import airflow, mail_catcher, services
from sia.local.bootstrap import local_airflow
from sia.local.lock import exclusive
from sia.local.ports import Ports
from sia.registers.partners import partners
from sia.settings import settings
from sia.warehouse import database
from sia.web import browser_sessions


def up() -> None:
    """Start the services, and print their addresses and the log-in.

    Raises:
        PermanentError: a service did not become healthy; the message names the log to read.
    """
    state = settings().state
    with local_airflow("make up", keep_running=True) as console:
        ports = services.up(state, console)
        warehouse = make_url(database.url())
        for line in (
            "",
            f"Desk:      {ports.desk_address}",
            f"Sign in:   {_sign_in_link(ports)} (once, for {browser_sessions.LINK_MINUTES} minutes)",
            f"Airflow:   {ports.web_address}",
            f"Log-in:    {airflow.UNIT}, password {airflow.password(state)}",
            f"Warehouse: {warehouse.host}:{warehouse.port}/{warehouse.database} (make login creates a log-in)",
            f"Mail:      {ports.mail_page_address} (the same log-in), or make mail",
            f"Inbox:     {state / 'inbox'}: we load a file in <return>/<quarter>/ within a minute",
            "Stop:      make down",
        ):
            console.line(line)


def _sign_in_link(ports: Ports) -> str:
    """A link with which the unit signs in to the desk, in any browser."""
    with database.connection() as connection, connection, connection.cursor() as cursor:
        secret = browser_sessions.new_link(cursor, partners().unit.mailbox, None)
    return f"{ports.desk_address}/sign-in/{secret}"


def down() -> None:
    """Stop the services, and print their names."""
    state = settings().state
    with exclusive(state, "make down"):
        names = services.down(state)
    print(f"Stopped: {', '.join(names)}." if names else "Nothing was running.")


def mail(number: int | None) -> None:
    """List the letters in the mail catcher, or print one.

    Raises:
        PermanentError: there is no letter with this number.
    """
    emails = mail_catcher.caught(settings().state)
    if number is not None:
        if not 1 <= number <= len(emails):
            raise PermanentError(f"There is no letter {number}. There are {len(emails)}.")
        print(mail_catcher.as_text(emails[number - 1]))
        return
    for count, email in enumerate(emails, start=1):
        print(f"{count:>4}  {email['Date']}  to {email['To']}: {email['Subject']}")
    print(f"{len(emails)} letters. make mail N=1 shows the first." if emails else "The mail catcher has no letters.")


def status() -> None:
    """Print how old the heartbeat is.

    Raises:
        PermanentError: it is too old, or there is none.
    """
    age = heartbeat.age(datetime.now(UTC))
    if age is None:
        raise PermanentError("Airflow has not worked yet. Run make up, and wait five minutes.")
    worked = f"Airflow last worked {age // timedelta(minutes=1)} minutes ago"
    if age > heartbeat.MAX_SILENCE:
        raise PermanentError(f"{worked}. Run make up. The runbook of the DAG heartbeat says what to look at.")
    print(f"{worked}. It works every five minutes.")


def watch() -> None:
    """Watch the heartbeat until the process is ended."""
    from sia import watchdog
    from sia_airflow.airflow_compat import mail_server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    watchdog.watch(mail_server)
