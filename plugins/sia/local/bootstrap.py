"""What every command stands on: a server that runs, Airflow configured, both databases up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sia.local import airflow, postgres, processes
from sia.local.console import Console
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia_airflow import airflow_compat


@contextmanager
def prepared(state: Path, console: Console, *, keep: bool = False) -> Iterator[None]:
    """Start PostgreSQL and bring the databases up to date.

    At the end PostgreSQL is stopped, unless ``keep`` says that it shall go on, or the services need it.
    What an earlier, killed command left running is used, and stopped at the end.
    """
    services_run = bool(processes.running(state))
    finished = False
    try:
        with console.step("Starting PostgreSQL"):
            airflow.configure(state, postgres.start(state))
        with console.step("Bringing the warehouse up to date"), database.connection() as connection:
            migrate(connection)
        if not services_run:
            with console.step("Bringing Airflow's database up to date"):
                airflow_compat.migrate_database()
        yield
        finished = True
    finally:
        if not (services_run or (keep and finished)):
            processes.stop(state, processes.started(state))
            postgres.stop(state)
