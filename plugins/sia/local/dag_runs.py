"""Run a DAG for a quarter, in this process, through Airflow's own in-process runner.

Where Airflow's services are up they own all runs: then a run is asked of them and waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from unittest import mock

from sia.errors import PermanentError
from sia.paths import PROJECT

FINISHED = ("success", "failed")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run went: each task that ran and its seconds, those that failed, and what they gave (ids and counts)."""

    dag_id: str
    quarter_key: str
    run_id: str
    succeeded: bool
    tasks: tuple[tuple[str, float], ...] = ()
    failed: tuple[str, ...] = ()
    results: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise if it failed.

        Raises:
            PermanentError: the run failed; the message names the tasks.
        """
        if not self.succeeded:
            tasks = ", ".join(self.failed) or "none of its tasks began"
            raise PermanentError(f"{self.dag_id} failed for {self.quarter_key} ({tasks})")


def run_here(dag_id: str, quarter_key: str) -> Run:
    """Run a DAG for a quarter in this process. Airflow must be configured, and its scheduler not running."""
    # Airflow's runner sleeps a second whenever no task is ready, and so once for each step that is skipped:
    # with that, a run in which nothing had arrived would take longer than one that loads.
    with mock.patch.object(time, "sleep", partial(_nap, time.sleep)):
        done = _dags()[dag_id].test(run_conf={"quarter": quarter_key})
    return _account(done.get_task_instances(), dag_id, quarter_key, done.run_id, str(done.state))


def run_by_services(dag_id: str, quarter_key: str, patience: float = 1800) -> Run:
    """Ask Airflow's scheduler for a run, and wait until it has ended.

    Raises:
        PermanentError: it did not end within ``patience`` seconds.
    """
    run_id = ask_services(dag_id, quarter_key)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if run := ended(dag_id, quarter_key, run_id):
            return run
        time.sleep(0.5)
    raise PermanentError(f"{dag_id} for {quarter_key} did not end within {patience / 60:.0f} minutes")


def ask_services(dag_id: str, quarter_key: str) -> str:
    """Ask Airflow's scheduler for a run; its id."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.utils.types import DagRunTriggeredByType

    asked = trigger_dag(dag_id, triggered_by=DagRunTriggeredByType.CLI, partition_key=quarter_key)
    if asked is None:
        raise PermanentError(f"Airflow did not take a run of {dag_id}")
    return str(asked.run_id)


def ended(dag_id: str, quarter_key: str, run_id: str) -> Run | None:
    """How a run went, once it has ended."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()
        if str(run.state) not in FINISHED:
            return None
        return _account(run.get_task_instances(session=session), dag_id, quarter_key, run_id, str(run.state))


def _nap(sleep: Callable[[float], None], seconds: float) -> None:
    sleep(min(seconds, 0.02))


@cache
def _dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(PROJECT / "dags"))
    if bag.import_errors:
        raise PermanentError(f"the DAG folder does not import: {', '.join(bag.import_errors)}")
    return dict(bag.dags)


def _account(instances: list[Any], dag_id: str, quarter_key: str, run_id: str, state: str) -> Run:
    ran = sorted((i for i in instances if str(i.state) in FINISHED), key=lambda i: i.start_date)
    tasks = tuple((i.task_id.rpartition(".")[2], (i.end_date - i.start_date).total_seconds()) for i in ran)
    failed = tuple(sorted({i.task_id for i in instances if str(i.state) in {"failed", "upstream_failed"}}))
    return Run(dag_id, quarter_key, run_id, state == "success", tasks, failed, _results(dag_id, run_id))


def _results(dag_id: str, run_id: str) -> dict[str, Any]:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        given: Any = session.scalars(
            XComModel.get_many(run_id=run_id, key="return_value", dag_ids=dag_id, map_indexes=-1)
        ).all()
        return {one.task_id: XComModel.deserialize_value(one) for one in given}
