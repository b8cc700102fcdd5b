"""The real thing on one machine, without Docker: Airflow's four services, PostgreSQL and a mail catcher.

Each service is started in its own process group, so that it is stopped with all its children; its process
number is in ``<state>/run`` and what it says in ``<state>/log``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from sia.errors import PermanentError
from sia.local import airflow, postgres, processes, server_log
from sia.local.bootstrap import prepared
from sia.local.console import Console, quiet, run_command
from sia.local.lock import exclusive
from sia.paths import PROJECT
from sia.settings import settings

SERVICES = {
    "mail": ["-m", "sia.local.mail_catcher", "serve"],
    "mail-page": ["-m", "sia.local.mail_reader"],
    "api-server": ["-m", "airflow", "api-server"],
    # On one machine the API server reads the logs as files; without this they would be served to the network.
    "scheduler": ["-m", "airflow", "scheduler", "--skip-serve-logs"],
    "dag-processor": ["-m", "airflow", "dag-processor"],
    "triggerer": ["-m", "airflow", "triggerer", "--skip-serve-logs"],
}
# What Airflow calls its parts when it is asked for its health.
PARTS = {
    "metadatabase": "the API server and the database",
    "scheduler": "the scheduler",
    "dag_processor": "the DAG processor",
    "triggerer": "the triggerer",
}
PATIENCE = 180


def up(state: Path, console: Console) -> str:
    """Start what does not run yet, and wait until all of it is healthy; the address of the pages.

    Raises:
        PermanentError: something did not become healthy; the message says which log to read.
    """
    ports = _ports(state, console)
    server = postgres.start(state)
    if warning := server_log.warning(server.url):
        console.line(f"  {warning}")
    environment = {
        **os.environ,
        **airflow.environment(state, server, ports["web"], ports["mail"]),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "PYTHONPATH": str(PROJECT / "plugins"),
        "SIA_MAIL_PORT": str(ports["mail"]),
        "SIA_MAIL_PAGE_PORT": str(ports["mail-page"]),
    }
    with console.step("Starting the services"):
        for name, arguments in SERVICES.items():
            if not processes.is_running(state, name):
                processes.start(state, name, arguments, environment)
    address = f"http://{airflow.LOOPBACK}:{ports['web']}"
    console.line("  Waiting until all of Airflow is healthy")
    _wait_until_healthy(state, address, console)
    # The demo registers the DAGs paused, because it runs them itself.
    Api(state, address).ask("/dags?dag_id_pattern=~", {"is_paused": False}, "PATCH")
    return address


def down(state: Path) -> list[str]:
    """Stop what runs, PostgreSQL last; the names of what was stopped."""
    stopped = processes.running(state)
    processes.stop(state, processes.started(state))
    postgres.stop(state)
    return stopped


def _ports(state: Path, console: Console) -> dict[str, int]:
    """The ports of the web pages, the mail catcher and its page: those in use by us, else the usual, else free ones."""
    kept = state / "run" / "ports.json"
    ports: dict[str, int] = {}
    if kept.exists() and processes.running(state):
        ports = json.loads(kept.read_text(encoding="utf-8"))
    usually = {"web": airflow.WEB_PORT, "mail": airflow.MAIL_PORT, "mail-page": airflow.MAIL_PAGE_PORT}
    for what, usual in usually.items():
        if what in ports:
            continue
        ports[what] = _free_port(usual)
        if ports[what] != usual:
            console.line(f"  Port {usual} is taken by something else: {what} uses {ports[what]} instead.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(ports), encoding="utf-8")
    return ports


def _free_port(usual: int) -> int:
    for port in (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((airflow.LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise PermanentError(f"no port is free on {airflow.LOOPBACK}")


def _wait_until_healthy(state: Path, address: str, console: Console) -> None:
    began = time.monotonic()
    missing = set(PARTS)
    while missing:
        for name in SERVICES:
            if not processes.is_running(state, name):
                log = state / "log" / f"{name}.log"
                raise PermanentError(f"{name} ended by itself; read {log}, then make up again")
        still = _unhealthy(address)
        for part in sorted(missing - still):
            console.line(f"    {PARTS[part]:<54} {time.monotonic() - began:6.1f} s")
        missing = still
        if missing and time.monotonic() - began > PATIENCE:
            named = ", ".join(sorted(PARTS[part] for part in missing))
            raise PermanentError(f"not healthy after {PATIENCE} s: {named}; read the logs in {state / 'log'}")
        time.sleep(0.5)


def _unhealthy(address: str) -> set[str]:
    try:
        health = _ask(f"{address}/api/v2/monitor/health")
    except (OSError, ValueError):
        return set(PARTS)
    return {part for part in PARTS if (health.get(part) or {}).get("status") != "healthy"}


class Api:
    """Airflow's REST API, asked as the unit."""

    def __init__(self, state: Path, address: str) -> None:
        self._address = address
        known = {"username": airflow.USER, "password": airflow.password(state)}
        try:
            self._token = _ask(f"{address}/auth/token", known)["access_token"]
        except urllib.error.HTTPError as fault:
            # Two that start at the same moment may both have found the port free; only one of them got it.
            raise PermanentError(
                f"{address} is not our Airflow ({fault.code}): make down, then make up again"
            ) from None

    def ask(self, path: str, data: dict[str, Any] | None = None, method: str | None = None) -> dict[str, Any]:
        """Ask for, or send, something below ``/api/v2``."""
        return _ask(f"{self._address}/api/v2{path}", data, method, self._token)


def _ask(url: str, data: dict[str, Any] | None = None, method: str | None = None, token: str = "") -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the address is ours, on loopback
        url,
        data=None if data is None else json.dumps(data).encode(),
        method=method,
        headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.loads(answer.read())
        return found


def _without_password(address: str) -> str:
    url = make_url(address)
    return f"{url.host}:{url.port}/{url.database}"


def main(arguments: list[str]) -> None:
    """``up`` or ``down``."""
    state = settings().state
    if arguments == ["down"]:
        with exclusive(state, "make down"):
            stopped = down(state)
        print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
        return
    with exclusive(state, "make up"), quiet(state / "log" / "up.log") as console:
        with prepared(state, console, keep=True):
            address = up(state, console)
        console.line()
        console.line(f"Airflow:   {address}")
        console.line(f"Log-in:    {airflow.USER}, password {airflow.password(state)}")
        console.line(f"Warehouse: {_without_password(os.environ['SIA_WAREHOUSE_URL'])} (make login makes a log-in)")
        mail_page = _ports(state, console)["mail-page"]
        console.line(f"Mail:      http://{airflow.LOOPBACK}:{mail_page} (the same log-in), or make mail")
        console.line(f"Inbox:     {state / 'inbox'}: a file in <return>/<quarter>/ is taken in by itself")
        console.line("Stop:      make down")


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1:]))
