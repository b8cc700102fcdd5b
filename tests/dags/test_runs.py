"""Runs of the ingest and scorecard DAGs, by Airflow's in-process runner, on a real database and the sample returns."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from demo.samples import mediation
from demo.samples.submissions import submissions
from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.intake import stage
from sia.intake.outcomes import reasons
from sia.local import dag_runs
from sia.quality import validate
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.database.test_load import job, submit
from tests.submissions import query

QUARTER = Quarter(2021, 1)

pytestmark = pytest.mark.usefixtures("airflow_database", "warehouse")


def put(inbox: Path, quarter: Quarter, return_name: str) -> None:
    for sample in submissions(quarter):
        if sample.return_name == return_name:
            place = inbox / sample.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(sample.content())


def events(run: dag_runs.Run) -> list[tuple[str, str, dict[str, Any]]]:
    """The asset events of a run: the asset, its partition and its details."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return [
            (name, key, extra)
            for name, key, extra in session.execute(
                select(AssetModel.name, AssetEvent.partition_key, AssetEvent.extra)
                .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
                .where(AssetEvent.source_run_id == run.run_id, AssetEvent.source_dag_id == run.dag_id)
            )
        ]


def map_names(run: dag_runs.Run) -> dict[str, str]:
    """Airflow's name for each mapped task of a run."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    mapped = select(TaskInstance.task_id, TaskInstance.rendered_map_index).where(
        TaskInstance.dag_id == run.dag_id, TaskInstance.run_id == run.run_id, TaskInstance.map_index >= 0
    )
    with create_session() as session:
        return dict(session.execute(mapped).all())


def test_a_return_is_received_checked_loaded_and_announced_once(state: Path) -> None:
    put(state / "inbox", QUARTER, "mediation")
    first = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert first.succeeded
    (outcome,) = first.results["outcome"]
    assert (outcome["status"], outcome["attempt"]) == ("accepted", 1)
    assert outcome["rows_loaded"] > 0
    loaded = {"submissions": [outcome["submission_id"]], "rows": outcome["rows_loaded"]}
    assert sorted(events(first), key=str) == [("outbox", None, {}), ("return_mediation", QUARTER.key, loaded)]
    name = f"submission {outcome['submission_id']}"
    assert map_names(first) == {f"submission.{step}": name for step in ("stage", "validate", "load")}
    *in_order, second_last, last = [name for name, _ in first.tasks]
    assert in_order == ["receive", "stage", "validate", "load", "outcome"]
    assert {second_last, last} == {"announce", "reply"}

    again = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert again.succeeded
    assert again.results["receive"] == []
    assert again.results["outcome"] == first.results["outcome"]
    assert events(again) == []


def test_receiving_nothing_does_not_fail_and_notifies_nobody(state: Path) -> None:
    run = dag_runs.run_here("ingest_odas", QUARTER.key)
    assert run.succeeded
    assert run.results["outcome"] == []
    assert events(run) == []


def test_a_refused_return_is_an_outcome_and_not_a_failed_task(state: Path, warehouse: Warehouse) -> None:
    put(state / "inbox", mediation.BROKEN, "mediation")
    run = dag_runs.run_here("ingest_mediation", mediation.BROKEN.key)
    assert run.succeeded
    assert run.failed == ()
    assert {outcome["status"] for outcome in run.results["outcome"]} == {"refused"}
    assert "load" not in dict(run.tasks)
    assert events(run) == [("outbox", None, {})] * 2
    assert reasons(warehouse.connection, "mediation", mediation.BROKEN.key)


class Notes:
    """Airflow's REST API, of which we use what changes a run."""

    def __init__(self) -> None:
        self.patched: list[tuple[str, dict[str, Any]]] = []

    def patch(self, path: str, data: dict[str, Any]) -> None:
        self.patched.append((path, data))


def test_a_run_that_refused_a_return_says_so_and_the_unit_gets_a_letter_about_it(
    state: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    monkeypatch.setattr("sia_airflow.ingest_tasks.own_api", lambda: notes)
    monkeypatch.setenv("SIA_DESK_ADDRESS", "https://desk.example/")
    put(state / "inbox", mediation.BROKEN, "mediation")
    run = dag_runs.run_here("ingest_mediation", mediation.BROKEN.key)
    receipts = [outcome["receipt"] for outcome in run.results["outcome"]]
    ((path, data),) = notes.patched
    assert path == f"/dags/ingest_mediation/dagRuns/{run.run_id}"
    links = ", ".join(f"[{receipt}](https://desk.example/receipts/{receipt})" for receipt in receipts)
    assert data["note"].startswith(f"**Refused:** {links}.")
    assert re.fullmatch(r"submission \d+, refused", map_names(run)["submission.load"])
    letters = "SELECT recipient, subject, plain FROM feedback.letter WHERE kind = 'refusal' ORDER BY submission_id"
    for receipt, (recipient, subject, plain) in zip(receipts, query(warehouse.connection, letters), strict=True):
        assert recipient == "unit"
        assert receipt in subject
        assert f"https://desk.example/receipts/{receipt}" in plain
    dag_runs.run_here("ingest_mediation", mediation.BROKEN.key).check()
    assert (len(query(warehouse.connection, letters)), len(notes.patched)) == (len(receipts), 1)


def test_no_value_of_a_return_reaches_airflow_s_database(state: Path) -> None:
    put(state / "inbox", QUARTER, "mediation")
    run = dag_runs.run_here("ingest_mediation", QUARTER.key)
    kept = json.dumps([run.results, events(run)])
    tables = next(s.tables for s in submissions(QUARTER) if s.return_name == "mediation" and s.tables)()
    references = {str(row["case_reference"]) for row in tables["cases"]}
    assert references
    assert not [reference for reference in references if reference in kept]
    allowed = {
        "submission_id", "receipt", "content_hash", "source", "status", "attempt", "rows_staged", "rows_loaded",
        "critical_findings", "warnings", "quarters_loaded",
    }  # fmt: skip
    assert set(run.results["outcome"][0]) <= allowed
    assert set(run.results) <= {"receive", "outcome", "reply", "announce"}


def test_a_permanent_error_fails_at_once_and_the_next_run_continues(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(state / "inbox", QUARTER, "mediation")
    calls = []

    def broken(_: Connection, submission_id: int) -> None:
        calls.append(submission_id)
        raise PermanentError("made up for this test")

    with monkeypatch.context() as patched:
        patched.setattr(validate, "validate", broken)
        run = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert not run.succeeded
    assert len(calls) == 1
    assert "submission.validate" in run.failed
    with pytest.raises(PermanentError, match="ingest_mediation failed for 2021-22Q1"):
        run.check()

    run = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert [outcome["status"] for outcome in run.results["outcome"]] == ["accepted"]


def test_a_temporary_error_is_tried_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg2

    from sia_airflow.defaults import TASKS

    put(state / "inbox", QUARTER, "mediation")
    works = validate.validate
    calls = []

    def shaky(connection: Connection, submission_id: int) -> None:
        calls.append(submission_id)
        if len(calls) == 1:
            raise psycopg2.OperationalError("server closed the connection")
        works(connection, submission_id)

    monkeypatch.setattr(validate, "validate", shaky)
    monkeypatch.setattr(TASKS["retry_policy"].rules[0], "retry_delay", timedelta(seconds=1))
    run = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert run.succeeded
    # Once in vain, once again, and once before the load, where it does nothing.
    assert len(calls) == 3


def test_a_file_that_cannot_be_finished_keeps_no_other_from_its_reply(
    state: Path, monkeypatch: pytest.MonkeyPatch, warehouse: Warehouse
) -> None:
    works = stage.stage
    sample = next(s for s in submissions(QUARTER) if s.return_name == "mediation")
    put(state / "inbox", QUARTER, "mediation")
    (state / "inbox" / sample.path).with_name("zz-empty.csv").write_bytes(b"")
    (state / "inbox" / sample.path).with_name("zzz-again.xlsx").write_bytes(sample.content() + b" ")

    def broken(connection: Connection, submission_id: int, place: Any = None) -> None:
        if submission_id > 1:
            raise PermanentError("made up for this test")
        works(connection, submission_id, place)

    with monkeypatch.context() as patched:
        patched.setattr(stage, "stage", broken)
        run = dag_runs.run_here("ingest_mediation", QUARTER.key)
    assert not run.succeeded
    assert "unfinished" in run.failed
    assert [row["status"] for row in run.results["outcome"]] == ["accepted", "refused", "received"]
    assert run.results["reply"] == 2


def test_a_later_return_overtakes_a_draft(state: Path) -> None:
    put(state / "inbox", QUARTER, "mediation")
    dag_runs.run_here("ingest_mediation", QUARTER.key).check()
    first = dag_runs.run_here("scorecard", QUARTER.key)
    assert first.results["draft"]["changed"]
    assert not dag_runs.run_here("scorecard", QUARTER.key).results["draft"]["changed"]

    put(state / "inbox", QUARTER, "sanctuary")
    late = dag_runs.run_here("ingest_sanctuary", QUARTER.key)
    assert ("draft_overtaken", QUARTER.key, {"return": "sanctuary"}) in events(late)
    again = dag_runs.run_here("scorecard", QUARTER.key)
    assert again.results["draft"]["changed"]
    assert again.results["draft"]["reported"] > first.results["draft"]["reported"]


def test_the_deadline_asks_for_a_draft_unless_there_is_one(state: Path) -> None:
    due = dag_runs.run_here("scorecard_due", QUARTER.key)
    assert events(due) == [("scorecard_due", QUARTER.key, {})]
    (state / "drafts" / QUARTER.key).mkdir(parents=True)
    assert events(dag_runs.run_here("scorecard_due", QUARTER.key)) == []


def test_files_are_removed_when_their_retention_has_ended(state: Path, warehouse: Warehouse) -> None:
    """Files are kept for 84 months from their receipt. The record of each file and its figures stay."""
    connection = warehouse.connection
    old, newer = submit(connection, "2014-04-23", [job(1)], "2013-14Q4"), submit(connection, "2022-04-23", [job(2)])
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET landed_as = receipt")
    for number in (old, newer):
        assert load(connection, number)
    (state / "landing").mkdir()
    for name in ("2014-04-23", "2022-04-23"):
        (state / "landing" / name).write_bytes(b"made up")
    assert dag_runs.run_here("retention", QUARTER.key).results == {"remove": 1}
    assert [path.name for path in (state / "landing").iterdir()] == ["2022-04-23"]
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT submission_id FROM intake.removed_file")
        assert cursor.fetchall() == [(old,)]
        cursor.execute("SELECT count(*) FROM intake.submission WHERE status = 'accepted'")
        assert cursor.fetchone() == (2,)
