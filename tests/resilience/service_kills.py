"""Kills of Airflow's services while a return is on its way, and the question whether it ends right all the same.

The services are real, with a state folder and a PostgreSQL of their own. A service that was killed starts again, as the
restart policy of ``docker-compose.yml`` makes it. Nobody does anything else, unless the watchdog asks the unit to
restart the services.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from unittest import mock

import psutil

from sia.local import airflow, mail_catcher, postgres, processes, services
from sia.local.airflow_api import unit_api
from sia.local.console import Console
from sia.local.ports import Ports
from sia.warehouse import database, migrate
from sia_airflow.rest_api import AirflowApi
from tests.mail_server import Mailbox
from tests.ports import service_ports
from tests.resilience.faults import RETURN, Place, content_of, wrong_in
from tests.waiting import wait_until
from tests.workbooks import put

ENDS_WITHIN_SECONDS = 900
"""The watchdog needs ten minutes to notice that Airflow does nothing."""
_DAG = f"ingest_{RETURN}"
# Airflow notices a task without a process after five minutes. A trial does not wait so long.
_NOTICES_SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
}


class Killed(StrEnum):
    """What is killed. ``WORKER``: the process of the task, and its parent. ``EVERY_WORKER``: those that wait, too."""

    SCHEDULER = "scheduler"
    TRIGGERER = "triggerer"
    DAG_PROCESSOR = "dag-processor"
    WORKER = "worker"
    EVERY_WORKER = "every worker"


@dataclass(frozen=True)
class Running:
    """Airflow's services that run."""

    state: Path
    ports: Ports

    @property
    def api(self) -> AirflowApi:
        """Their API."""
        return unit_api(self.state, self.ports.web_address)


@dataclass
class KillTrial:
    """One kill and how it ended: the task during which it struck, and the seconds until the letter was sent.

    ``was_restarted``: whether the watchdog asked the unit to restart the services, and the unit did. ``wrong``: what
    was not right in the end.
    """

    killed: Killed
    struck_in: str
    seconds: float
    was_restarted: bool
    wrong: list[str]


@contextmanager
def running(state: Path) -> Iterator[Running]:
    """Services with their own state folder and their own PostgreSQL. The environment names them meanwhile."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SIA_"))}
    ports = service_ports()
    with mock.patch.dict(os.environ, {**others, **_NOTICES_SOON, "SIA_STATE": str(state)}, clear=True):
        try:
            server = postgres.start(state)
            surroundings = airflow.environment(state, server, ports)
            os.environ["SIA_WAREHOUSE_URL"] = surroundings["SIA_WAREHOUSE_URL"]
            with database.connection() as connection:
                migrate.migrate(connection)
            # In a process of its own: this one may have Airflow imported already, for another database.
            code = "from sia_airflow.airflow_compat import migrate_database; migrate_database()"
            subprocess.run([sys.executable, "-c", code], env={**os.environ, **surroundings}, check=True)
            services.up(state, Console(state / "log"), ports)
            yield Running(state, ports)
        finally:
            services.down(state)


def try_kill(of: Running, number: int, killed: Killed) -> KillTrial:
    """Send a return, kill a service while a task of its ingest runs, let the service start again, and wait for the end.

    Args:
        of: the services.
        number: another one for each trial: no two files are the same.
        killed: what is killed.
    """
    content = content_of(number, accepted=True)
    content_hash = sha256(content).hexdigest()
    before = {run["dag_run_id"] for run in _runs(of)}
    if killed is Killed.TRIGGERER:
        # The triggerer waits for files, so that the kill comes before one that it would notice.
        _kill(of, killed)
    path = put(of.state / "inbox", f"return-{number}.xlsx", content)
    started = time.monotonic()
    struck_in = "waiting for files"
    if killed is not Killed.TRIGGERER:
        struck_in = wait_until(lambda: _running_task(of, before), "a task of the ingest", ENDS_WITHIN_SECONDS)
        _kill(of, killed)
    services.up(of.state, Console(of.state / "log"), of.ports)
    wrong, was_restarted = [], False
    try:
        letters = len(mail_catcher.caught(of.state))
        wait_until(lambda: _is_sent(content_hash) or _asks_unit(of, letters), "the letter", ENDS_WITHIN_SECONDS)
        if was_restarted := not _is_sent(content_hash):
            processes.stop(of.state, processes.started(of.state))
            services.up(of.state, Console(of.state / "log"), of.ports)
            wait_until(lambda: _is_sent(content_hash), "the letter", ENDS_WITHIN_SECONDS)
    except AssertionError as late:
        wrong.append(f"stuck: {late}")
    seconds = time.monotonic() - started
    path.unlink()
    mailbox = Mailbox()
    mailbox.letters = mail_catcher.caught(of.state)
    wrong += wrong_in(Place(of.state, lambda: None), content_hash, mailbox, number, accepted=True)
    return KillTrial(killed, struck_in, seconds, was_restarted, wrong)


def _kill(of: Running, killed: Killed) -> None:
    of_tasks = killed in {Killed.WORKER, Killed.EVERY_WORKER}
    name = "scheduler" if of_tasks else killed.value
    pid = int((of.state / "run" / f"{name}.pid").read_text(encoding="utf-8").split()[0])
    if of_tasks:
        workers = psutil.Process(pid).children()
        for worker in workers:
            tasks = worker.children(recursive=True)
            if tasks or killed is Killed.EVERY_WORKER:
                for process in (worker, *tasks):
                    process.kill()
    else:
        # With its children, as the end of a container does.
        os.killpg(pid, signal.SIGKILL)
        wait_until(lambda: not processes.is_running(of.state, name), f"the end of the {name}")


def _runs(of: Running) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = of.api.get(f"/dags/{_DAG}/dagRuns?limit=100")["dag_runs"]
    return listed


def _running_task(of: Running, before: set[str]) -> str:
    """The task of a new run of the ingest that runs now; empty if none does."""
    for run in _runs(of):
        if run["dag_run_id"] not in before:
            tasks = of.api.get(f"/dags/{_DAG}/dagRuns/{run['dag_run_id']}/taskInstances")["task_instances"]
            for task in tasks:
                if task["state"] == "running":
                    return str(task["task_id"])
    return ""


def _asks_unit(of: Running, letters: int) -> bool:
    """Whether one of the letters after the first so many asks the unit to restart the services."""
    return any("does no work" in letter["Subject"] for letter in mail_catcher.caught(of.state)[letters:])


def _is_sent(content_hash: str) -> bool:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM feedback.letter AS l INNER JOIN intake.submission AS s"
            " ON l.submission_id = s.submission_id WHERE s.content_hash = %s AND l.state = 'sent')",
            (content_hash,),
        )
        return bool(cursor.fetchone() == (True,))
