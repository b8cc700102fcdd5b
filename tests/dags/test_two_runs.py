"""Two real Airflow runs of one ingest DAG, in two processes, at the same moment: neither file is lost."""

from __future__ import annotations

import multiprocessing
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sia.intake.outcomes import outcomes
from sia.local import dag_runs
from sia.warehouse import invariants
from tests.concurrency import PATIENCE, Landing
from tests.conftest import Warehouse
from tests.staged import good_rows
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_database")]


def run(barrier: Any, said: Any, landing: Landing) -> None:
    # Airflow is imported before the race begins.
    dag_runs._dags()
    barrier.wait(PATIENCE)
    landing.land()
    done = dag_runs.run_here("ingest_sanctuary", QUARTER)
    said.put((done.succeeded, done.failed))


def test_both_are_taken_in_and_follow_one_another(warehouse: Warehouse, state: Path) -> None:
    # Airflow learns of the DAGs and their assets once.
    dag_runs.run_here("ingest_sanctuary", QUARTER).check()
    place = state / "inbox" / "sanctuary" / QUARTER
    place.mkdir(parents=True)
    landings = []
    for pounds in (100, 200):
        ready = state / f"{pounds}.xlsx"
        ready.write_bytes(as_bytes(filled(rows={"jobs": [{**JOB, "works_cost": str(pounds)}]})))
        landings.append(Landing(ready, place / ready.name))
    context = multiprocessing.get_context("spawn")
    barrier, said = context.Barrier(2), context.Queue()
    with ExitStack() as stack:
        for landing in landings:
            process = context.Process(target=run, args=(barrier, said, landing))
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        assert [said.get(timeout=2 * PATIENCE) for _ in landings] == [(True, ())] * 2
    of_quarter = outcomes(warehouse.connection, "sanctuary", QUARTER)
    assert [(row["attempt"], row["status"]) for row in of_quarter] == [(1, "accepted"), (2, "accepted")]
    first, second = query(
        warehouse.connection,
        "SELECT s.received_at, lower(h.known_during), upper(h.known_during) FROM intake.submission AS s"
        " INNER JOIN warehouse.return_version AS h ON h.submission_id = s.submission_id ORDER BY s.received_at",
    )
    assert first == (first[0], first[0], second[0])
    assert second == (second[0], second[0], None)
    answered = query(warehouse.connection, "SELECT submission_id FROM feedback.letter")
    assert len(answered) == len(set(answered)) == 2
    invariants.require_sound(warehouse.connection)
