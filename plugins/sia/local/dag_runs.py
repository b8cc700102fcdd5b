"""Run a DAG for a quarter: on this machine without Airflow's services, or with them if they are running."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from sia.errors import PermanentError
from sia_airflow import airflow_compat
from sia_airflow.airflow_compat import ENDED, RunRecord


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: the tasks with their seconds, the failed tasks, and the results (ids and counts)."""

    dag_id: str
    quarter_key: str
    run_id: str
    succeeded: bool
    tasks: tuple[tuple[str, float], ...] = ()
    failed: tuple[str, ...] = ()
    results: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Check that the run succeeded.

        Raises:
            PermanentError: the run failed; the message names the tasks.
        """
        if not self.succeeded:
            tasks = ", ".join(self.failed) or "no task started"
            raise PermanentError(f"{self.dag_id} failed for {self.quarter_key} ({tasks})")


_MOST_PROCESSES = 4


@contextmanager
def processes_for(dag_ids: Iterable[str]) -> Iterator[Executor]:
    """Processes in which :func:`run_here` runs these DAGs side by side, one for each processor of this machine.

    Airflow must be configured, and its scheduler must not be running.
    """
    for dag_id in dag_ids:
        # Here, so that no process has to read the DAG folder, and no two register a DAG at once.
        airflow_compat.registered_dag(dag_id)
    count = min(_MOST_PROCESSES, len(os.sched_getaffinity(0)))
    with ProcessPoolExecutor(count, mp_context=get_context("fork")) as executor:
        # Starts the processes while nothing else runs in this one.
        executor.submit(os.getpid).result()
        yield executor


def run_here(dag_id: str, quarter_key: str) -> Run:
    """Run a DAG for a quarter in this process. Airflow must be configured, and its scheduler must not be running."""
    return _ended_run(dag_id, quarter_key, airflow_compat.run_here(dag_id, {"quarter": quarter_key}))


def run_by_services(dag_id: str, quarter_key: str, timeout_seconds: float = 1800) -> Run:
    """Ask Airflow's scheduler for a run, and wait until it has ended.

    Raises:
        PermanentError: it did not end in time.
    """
    run_id = airflow_compat.request_run(dag_id, quarter_key)
    until = time.monotonic() + timeout_seconds
    while time.monotonic() < until:
        if run := ended(dag_id, quarter_key, run_id):
            return run
        time.sleep(0.5)
    raise PermanentError(f"{dag_id} for {quarter_key} did not end within {timeout_seconds / 60:.0f} minutes")


def ended(dag_id: str, quarter_key: str, run_id: str) -> Run | None:
    """A run requested with :func:`run_by_services`; ``None`` until it has ended."""
    record = airflow_compat.run_record(dag_id, run_id)
    return None if record is None else _ended_run(dag_id, quarter_key, record)


def _ended_run(dag_id: str, quarter_key: str, record: RunRecord) -> Run:
    ran = [(task.task_id, task.started, task.ended) for task in record.tasks if task.state in ENDED]
    timed = sorted((started, task_id, ended) for task_id, started, ended in ran if started and ended)
    tasks = tuple((task_id.rpartition(".")[2], (ended - started).total_seconds()) for started, task_id, ended in timed)
    failed = tuple(sorted({task.task_id for task in record.tasks if task.state in {"failed", "upstream_failed"}}))
    return Run(dag_id, quarter_key, record.run_id, record.state == "success", tasks, failed, record.results)
