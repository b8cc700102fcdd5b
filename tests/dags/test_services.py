"""Airflow's real services: a file that lands starts its ingest; the scorecard runs when all is in, at the deadline, and
when a draft is overtaken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from demo.samples.submissions import submissions
from sia.calendar import Quarter
from sia.contract.model import contract, contracts
from sia.local import airflow, postgres, processes, services
from sia.local.airflow_api import unit_api
from sia.local.console import Console
from sia.warehouse import database, migrate
from sia_airflow.rest_api import AirflowApi
from tests.canaries import canaries_in, whole_database, workbook_with_canaries, workbook_with_canary_in_cell
from tests.ports import service_ports
from tests.submissions import query
from tests.workbooks import as_bytes, put

COMPLETE = Quarter(2021, 1)
LATE = Quarter(2021, 2)
EXPECTED = sorted(name for name, contract in contracts().items() if contract.expected)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Running:
    """Airflow's services that run: their API, and the inbox that they watch."""

    api: AirflowApi
    inbox: Path

    def land(self, return_name: str, quarter: Quarter) -> None:
        """Put the sample returns of a quarter into the inbox, and do nothing else."""
        for sample in submissions(quarter):
            if sample.return_name == return_name:
                place = self.inbox / sample.path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(sample.content())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Services with their own state folder and their own PostgreSQL."""
    state = tmp_path_factory.mktemp("services")
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "SIA_"))]:
        patch.delenv(name)
    ports = service_ports()
    console = Console(state / "log")
    try:
        server = postgres.start(state)
        surroundings = airflow.environment(state, server, ports)
        patch.setenv("SIA_WAREHOUSE_URL", surroundings["SIA_WAREHOUSE_URL"])
        with database.connection() as connection:
            migrate.migrate(connection)
        migrate_airflow(surroundings)
        services.up(state, console, ports)
        yield Running(unit_api(state, ports.web_address), state / "inbox")
    finally:
        services.down(state)
        patch.undo()
    assert processes.running(state) == []


def migrate_airflow(surroundings: dict[str, str]) -> None:
    # In a process of its own: this one may have Airflow imported already, for another database.
    code = "from sia_airflow.airflow_compat import migrate_database; migrate_database()"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **surroundings}, check=True, capture_output=True)


def trigger(api: AirflowApi, dag_id: str, quarter: Quarter) -> None:
    api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None, "partition_key": quarter.key})


def wait_for(api: AirflowApi, dag_id: str, quarter: Quarter, count: int) -> list[dict[str, Any]]:
    """The runs of a DAG for a quarter, once there are so many and all have ended."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        runs = runs_for(api, dag_id, quarter)
        if len(runs) >= count and all(run["state"] in {"success", "failed"} for run in runs):
            return runs
        time.sleep(1)
    raise AssertionError(f"{dag_id} has {len(runs)} runs for {quarter.key}, not {count}")


def runs_for(api: AirflowApi, dag_id: str, quarter: Quarter) -> list[dict[str, Any]]:
    runs = api.get(f"/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
    return [run for run in runs if quarter.key in (run["partition_key"], (run["conf"] or {}).get("quarter"))]


def test_a_file_that_lands_starts_its_ingest_and_the_last_expected_return_the_scorecard(running: Running) -> None:
    api = running.api
    first, *others = EXPECTED
    for name in others:
        running.land(name, COMPLETE)
    for name in others:
        (run,) = wait_for(api, f"ingest_{name}", COMPLETE, 1)
        assert (run["state"], run["run_type"]) == ("success", "operator_triggered")
    time.sleep(3)
    assert api.get("/dags/scorecard/dagRuns")["dag_runs"] == []

    running.land(first, COMPLETE)
    (run,) = wait_for(api, "scorecard", COMPLETE, 1)
    assert (run["state"], run["run_type"]) == ("success", "asset_triggered")


def test_the_scorecard_runs_at_the_deadline_and_again_when_a_return_arrives(running: Running) -> None:
    api = running.api
    trigger(api, "scorecard_due", LATE)
    (run,) = wait_for(api, "scorecard", LATE, 1)
    assert (run["state"], run["run_type"]) == ("success", "asset_triggered")

    running.land("mediation", LATE)
    runs = wait_for(api, "scorecard", LATE, 2)
    assert {run["state"] for run in runs} == {"success"}


def test_every_file_was_loaded_once(running: Running) -> None:
    started = {name: len(runs_for(running.api, f"ingest_{name}", COMPLETE)) for name in EXPECTED}
    assert started == dict.fromkeys(EXPECTED, 1)
    watched = running.api.get("/dags/watch_inbox/dagRuns?limit=100")["dag_runs"]
    assert {run["state"] for run in watched} == {"success"}
    # Without new files, nothing runs.
    assert len(watched) <= len(EXPECTED) + 2


def test_airflow_asks_for_the_log_in(running: Running) -> None:
    assert httpx.get(f"{running.api._client.base_url}dags").status_code == 401


def test_no_canary_reaches_the_logs_of_tasks_or_airflow_s_database(running: Running) -> None:
    """Canaries in returns are found in no log file of a service or task, and in neither database."""
    state, agreed = running.inbox.parent, contract("sanctuary")
    for n, book in enumerate(
        (workbook_with_canaries(agreed), workbook_with_canary_in_cell(agreed, "Florence Nightingale 1985-03-12")), 1
    ):
        put(running.inbox, f"Florence Nightingale {n}.xlsx", as_bytes(book), f"received-2021-08-0{n}")
    surroundings = airflow.environment(state, postgres.start(state))
    with closing(psycopg2.connect(surroundings["SIA_WAREHOUSE_URL"])) as warehouse:
        until = time.monotonic() + 240
        answered = "SELECT s.status FROM intake.submission AS s JOIN feedback.reply USING (submission_id)"
        late = f"{answered} WHERE s.received_at >= '2021-08-01' AND s.return_name = 'sanctuary' ORDER BY s.received_at"
        while len(query(warehouse, late)) < 2 and time.monotonic() < until:
            time.sleep(1)
        assert query(warehouse, late) == [("accepted",), ("refused",)]
        assert canaries_in(whole_database(warehouse)) == []
    logs = {path: path.read_text(encoding="utf-8", errors="replace") for path in (state / "log").rglob("*.log")}
    assert any("ingest_sanctuary" in str(path) and "validate" in str(path) for path in logs)
    assert {path.name: canaries for path, text in logs.items() if (canaries := canaries_in(text))} == {}
    with closing(psycopg2.connect(surroundings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", ""))) as own:
        assert canaries_in(whole_database(own)) == []
