"""What a command needs on this machine: a lock, a console, and databases that are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sia.local import airflow, postgres, processes
from sia.local.console import Console, quiet
from sia.local.lock import exclusive
from sia.settings import overridden, settings
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia_airflow import airflow_compat


@contextmanager
def local_server(command: str) -> Iterator[Console]:
    """The console, with the settings naming a warehouse server. If they name none, starts PostgreSQL on this machine.

    Stops PostgreSQL on this machine at the end, unless services that need it are running.

    Args:
        command: the command as people type it, for example ``make check``.

    Raises:
        PermanentError: another command is running here, or PostgreSQL does not start.
    """
    if settings().warehouse_url is not None:
        with quiet(_log(command)) as console:
            yield console
        return
    state = settings().state
    with exclusive(state, command), quiet(_log(command)) as console:
        services_are_running = bool(processes.running(state))
        try:
            with console.step("Starting PostgreSQL"):
                url = postgres.start(state).ensure_database("warehouse")
            with overridden(warehouse_url=url):
                yield console
        finally:
            if not services_are_running:
                postgres.stop(state)


@contextmanager
def local_warehouse(command: str) -> Iterator[Console]:
    """The console as from :func:`local_server`, with the warehouse migrated."""
    is_local = settings().warehouse_url is None
    with local_server(command) as console:
        if is_local:
            _migrate(console)
        yield console


@contextmanager
def local_airflow(command: str, *, keep_running: bool = False) -> Iterator[Console]:
    """The console, with PostgreSQL started, Airflow configured and both databases migrated on this machine.

    Stops PostgreSQL at the end, unless ``keep_running`` is set or services need it. Uses processes that a killed
    command left running, and stops them at the end.

    Args:
        command: the command as people type it, for example ``make ingest``.
        keep_running: leave PostgreSQL running if the command succeeds.

    Raises:
        PermanentError: another command is running here, or PostgreSQL does not start.
    """
    state = settings().state
    with exclusive(state, command), quiet(_log(command)) as console:
        services_were_running = bool(processes.running(state))
        succeeded = False
        try:
            with console.step("Starting PostgreSQL"):
                airflow.configure(state, postgres.start(state))
            _migrate(console)
            if not services_were_running:
                with console.step("Updating Airflow's database"):
                    airflow_compat.migrate_database()
            yield console
            succeeded = True
        finally:
            if not (services_were_running or (keep_running and succeeded)):
                processes.stop(state, processes.started(state))
                postgres.stop(state)


def _migrate(console: Console) -> None:
    with console.step("Updating the warehouse"), database.connection() as connection:
        migrate(connection)


def _log(command: str) -> Path:
    return settings().state / "log" / f"{command.rsplit(maxsplit=1)[-1]}.log"
