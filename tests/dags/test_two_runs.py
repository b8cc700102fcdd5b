"""Airflow runs in several processes at the same moment: no file is lost, and each run ends as it would alone."""

from __future__ import annotations

import multiprocessing
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from demo.samples.files import write_samples
from sia.calendar import Quarter
from sia.intake.outcomes import outcomes
from sia.local import dag_runs
from sia.warehouse import invariants
from sia_airflow import airflow_compat
from tests.concurrency import TIMEOUT_SECONDS, Upload
from tests.conftest import Warehouse
from tests.staged import good_rows
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_database")]


def run(barrier: Any, results: Any, upload: Upload) -> None:
    # Import Airflow before the runs start: it takes seconds, and longer in one process than in the other.
    airflow_compat.registered_dag("ingest_sanctuary")
    barrier.wait(TIMEOUT_SECONDS)
    upload.rename()
    run_result = dag_runs.run_here("ingest_sanctuary", QUARTER)
    results.put((run_result.succeeded, run_result.failed))


def test_both_files_are_accepted_one_after_the_other(warehouse: Warehouse, state: Path) -> None:
    # Airflow learns of the DAGs and their assets once.
    dag_runs.run_here("ingest_sanctuary", QUARTER).check()
    folder = state / "inbox" / "sanctuary" / QUARTER
    folder.mkdir(parents=True)
    uploads = []
    for pounds in (100, 200):
        uploaded = state / f"{pounds}.xlsx"
        uploaded.write_bytes(as_bytes(filled(rows={"jobs": [{**JOB, "works_cost": str(pounds)}]})))
        uploads.append(Upload(uploaded, folder / uploaded.name))
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    with ExitStack() as stack:
        for upload in uploads:
            process = context.Process(target=run, args=(barrier, results, upload))
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        assert [results.get(timeout=2 * TIMEOUT_SECONDS) for _ in uploads] == [(True, ())] * 2
    submissions = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [(row["attempt"], row["status"]) for row in submissions] == [(1, "accepted"), (2, "accepted")]
    first, second = query(
        warehouse.connection,
        "SELECT s.received_at, lower(h.known_during), upper(h.known_during) FROM intake.submission AS s"
        " INNER JOIN warehouse.return_version AS h ON h.submission_id = s.submission_id ORDER BY s.received_at",
    )
    assert first == (first[0], first[0], second[0])
    assert second == (second[0], second[0], None)
    letters = query(warehouse.connection, "SELECT submission_id FROM feedback.letter")
    assert len(letters) == len(set(letters)) == 2
    invariants.require_sound(warehouse.connection)


def run_side_by_side(results: Any) -> None:
    dag_ids = ["ingest_sanctuary", "ingest_mediation"]
    with dag_runs.processes_for(dag_ids) as executor:
        runs = list(executor.map(dag_runs.run_here, dag_ids, [QUARTER] * 2))
    results.put([(run.dag_id, run.succeeded) for run in runs])


def test_two_returns_are_loaded_side_by_side(warehouse: Warehouse, state: Path) -> None:
    write_samples(state / "inbox", Quarter.parse(QUARTER))
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=run_side_by_side, args=(results,))
    with ExitStack() as stack:
        process.start()
        stack.callback(process.join)
        stack.callback(process.kill)
        runs = results.get(timeout=2 * TIMEOUT_SECONDS)
    assert runs == [("ingest_sanctuary", True), ("ingest_mediation", True)]
    for name in ("sanctuary", "mediation"):
        assert [row["status"] for row in outcomes(warehouse.connection, name, QUARTER)] == ["accepted"]
    invariants.require_sound(warehouse.connection)
