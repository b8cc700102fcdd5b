"""All services on this machine, without Docker: Airflow's four, PostgreSQL, the desk, a mail catcher and a watchdog.

Each service has its own process group, so that we can stop it with its children. Its PID file is in ``<state>/run``,
and its output in ``<state>/log``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Set
from pathlib import Path

import httpx

from sia.errors import PermanentError
from sia.local import airflow, desk_log_ins, postgres, processes, server_log
from sia.local.airflow_api import files_read, unhealthy_parts, unit_api
from sia.local.console import Console
from sia.local.ports import LOOPBACK, Ports
from sia.paths import PROJECT

TIMEOUT_SECONDS = 180
FIRST = frozenset({"mail", "api-server", "dag-processor"})
"""Services that start before the scheduler: a task that starts before the API server answers fails."""
DESK = frozenset({"desk"})
"""The service with log-ins of its own on the database server."""


def commands(ports: Ports) -> dict[str, list[str]]:
    """The services, each with the arguments for Python."""
    return {
        "mail": ["-m", "sia.local.mail_service", str(ports.mail), str(ports.mail_page)],
        "api-server": ["-m", "airflow", "api-server"],
        # The API server reads the logs as files. Without this option, the scheduler would serve them to the network.
        "scheduler": ["-m", "airflow", "scheduler", "--skip-serve-logs"],
        "dag-processor": ["-m", "airflow", "dag-processor"],
        "desk": ["-m", "sia.web", LOOPBACK, str(ports.desk)],
        "triggerer": ["-m", "airflow", "triggerer", "--skip-serve-logs"],
        "watchdog": ["-m", "sia.cli", "watch"],
    }


def up(state: Path, console: Console, preferred: Ports | None = None) -> Ports:
    """Start the services that are not running, and wait until all are healthy.

    Args:
        state: the state folder.
        console: where to show the progress.
        preferred: the ports to use if they are free. Not given: the usual ports.

    Returns:
        The ports of the services.

    Raises:
        PermanentError: a service did not become healthy; the message names the log to read.
    """
    ports = _ports(state, console, preferred or Ports())
    server = postgres.start(state)
    if warning := server_log.warning(server.url):
        console.note(f"  {warning}")
    environment = {
        **os.environ,
        **airflow.environment(state, server, ports),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    with console.step("Preparing the desk"):
        of_desk = {**environment, **desk_log_ins.environment(server, airflow.database_passwords(state))}
    with console.step("Starting the API server"):
        _start(state, ports, FIRST, environment)
        _wait(state, lambda: unhealthy_parts(ports.web_address) & {"the API server and the database"})
    with console.step("Starting Airflow's other services"):
        _start(state, ports, commands(ports).keys() - FIRST - DESK, environment)
        _start(state, ports, DESK, of_desk)
        _wait(state, lambda: unhealthy_parts(ports.web_address) | _missing_pages(ports.desk_address))
    api = unit_api(state, ports.web_address)
    files = {path.name for path in Path(environment["AIRFLOW__CORE__DAGS_FOLDER"]).glob("*.py")}
    with console.step("Reading the DAGs"):
        _wait(state, lambda: files - files_read(api))
    # The demo registers the DAGs as paused, because it runs them itself.
    api.patch("/dags?dag_id_pattern=~", {"is_paused": False})
    return ports


def down(state: Path) -> list[str]:
    """Stop the services, PostgreSQL last. Returns the names of the services that were running."""
    names = processes.running(state)
    processes.stop(state, processes.started(state))
    postgres.stop(state)
    return names


def _ports(state: Path, console: Console, preferred: Ports) -> Ports:
    """The ports of the running services. If none are running: the preferred ports, or free ones instead."""
    kept = Ports.kept(state) if processes.running(state) else None
    ports = kept or preferred.free()
    for name, usual, port in (
        ("Airflow", preferred.web, ports.web),
        ("the mail catcher", preferred.mail, ports.mail),
        ("the mail catcher's page", preferred.mail_page, ports.mail_page),
        ("the desk", preferred.desk, ports.desk),
    ):
        if port != usual and kept is None:
            console.note(f"  Another program uses port {usual}. {name[0].upper()}{name[1:]} uses {port}.")
    ports.keep(state)
    return ports


def _missing_pages(address: str) -> set[str]:
    """The desk, as long as it does not answer."""
    try:
        return set() if httpx.get(f"{address}/sign-in", timeout=TIMEOUT_SECONDS).is_success else {"the desk"}
    except httpx.TransportError:
        return {"the desk"}


def _start(state: Path, ports: Ports, names: Set[str], environment: dict[str, str]) -> None:
    for name, arguments in commands(ports).items():
        if name in names and not processes.is_running(state, name):
            processes.start(state, name, arguments, environment)


def _wait(state: Path, missing: Callable[[], Set[str]]) -> None:
    """Wait until nothing is missing.

    Raises:
        PermanentError: a service stopped, or something is missing for too long.
    """
    until = time.monotonic() + TIMEOUT_SECONDS
    while names := missing():
        for name in processes.started(state):
            if not processes.is_running(state, name):
                log = state / "log" / f"{name}.log"
                raise PermanentError(f"{name} stopped. Read {log}, then run make up again.")
        if time.monotonic() > until:
            raise PermanentError(
                f"Not ready after {TIMEOUT_SECONDS} seconds: {', '.join(sorted(names))}."
                f" Run make down, then make up. If that does not help, read the logs in {state / 'log'}."
            )
        time.sleep(0.5)
