"""Airflow's real services: the scorecard runs when all is in, at the deadline, and when a draft is overtaken."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.contract.model import contracts
from sia.operations import airflow, postgres, processes, services
from sia.operations.console import Console
from sia.operations.samples.submissions import submissions
from sia.warehouse import database, migrate

COMPLETE = Quarter(2021, 1)
LATE = Quarter(2021, 2)
EXPECTED = sorted(name for name, contract in contracts().items() if contract.expected)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Api]:
    """The services on a state folder of their own, with PostgreSQL of their own."""
    state = tmp_path_factory.mktemp("services")
    put = [s for quarter in (COMPLETE, LATE) for s in submissions(quarter) if s.return_name in EXPECTED]
    for sample in put:
        if sample.quarter == LATE and sample.return_name != "mediation":
            continue
        place = state / "inbox" / sample.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(sample.content())
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "SIA_"))]:
        patch.delenv(name)
    # Ports that nobody else uses, so that the tests of two checkouts do not meet.
    patch.setattr(airflow, "WEB_PORT", free_port())
    patch.setattr(airflow, "MAIL_PORT", free_port())
    console = Console(sys.stdout, state / "log")
    try:
        server = postgres.start(state)
        surroundings = airflow.environment(state, server)
        patch.setenv("SIA_WAREHOUSE_URL", surroundings["SIA_WAREHOUSE_URL"])
        with database.connection() as connection:
            migrate.migrate(connection)
        migrate_airflow(surroundings)
        yield services.Api(state, services.up(state, console))
    finally:
        services.down(state)
        patch.undo()
    assert processes.running(state) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((airflow.LOOPBACK, 0))
        return int(probe.getsockname()[1])


def migrate_airflow(surroundings: dict[str, str]) -> None:
    # In a process of its own: this one may have Airflow imported already, for another database.
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        env={**os.environ, **surroundings}, check=True, capture_output=True,
    )  # fmt: skip


def trigger(api: services.Api, dag_id: str, quarter: Quarter) -> None:
    api.ask(f"/dags/{dag_id}/dagRuns", {"logical_date": None, "partition_key": quarter.key}, "POST")


def wait_for(api: services.Api, dag_id: str, quarter: Quarter, count: int) -> list[dict[str, Any]]:
    """The runs of a DAG for a quarter, once there are so many and all have ended."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        found = api.ask(f"/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
        runs = [run for run in found if run["partition_key"] == quarter.key]
        if len(runs) >= count and all(run["state"] in {"success", "failed"} for run in runs):
            return runs
        time.sleep(1)
    raise AssertionError(f"{dag_id} has {len(runs)} runs for {quarter.key}, not {count}")


def test_the_scorecard_runs_once_when_the_last_expected_return_is_in(api: services.Api) -> None:
    first, *others = EXPECTED
    for name in others:
        trigger(api, f"ingest_{name}", COMPLETE)
    for name in others:
        assert [run["state"] for run in wait_for(api, f"ingest_{name}", COMPLETE, 1)] == ["success"]
    time.sleep(3)
    assert api.ask("/dags/scorecard/dagRuns")["dag_runs"] == []

    trigger(api, f"ingest_{first}", COMPLETE)
    (run,) = wait_for(api, "scorecard", COMPLETE, 1)
    assert (run["state"], run["run_type"]) == ("success", "asset_triggered")


def test_the_scorecard_runs_at_the_deadline_with_what_there_is_and_again_when_more_comes(api: services.Api) -> None:
    trigger(api, "scorecard_due", LATE)
    (run,) = wait_for(api, "scorecard", LATE, 1)
    assert (run["state"], run["run_type"]) == ("success", "asset_triggered")

    trigger(api, "ingest_mediation", LATE)
    runs = wait_for(api, "scorecard", LATE, 2)
    assert {run["state"] for run in runs} == {"success"}


def test_the_log_in_is_asked_for(api: services.Api) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        services._ask(f"{api._address}/api/v2/dags")
