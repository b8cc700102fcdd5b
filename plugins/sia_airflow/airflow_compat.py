"""The one module that uses parts of Airflow that are not public. Read it again at every upgrade of Airflow.

Airflow is imported inside each function: it reads its settings from the environment when it is first imported.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast
from unittest import mock

from sia.errors import PermanentError
from sia_airflow.pools import POOLS

if TYPE_CHECKING:
    from airflow.providers.standard.operators.hitl import HITLOperator

MAIL_CONNECTION = "smtp_default"
ENDED = ("success", "failed")
"""The states of a run or task that has run."""


class TaskRecord(NamedTuple):
    """One task of a run. ``started`` and ``ended`` are missing where it did not start."""

    task_id: str
    state: str
    started: datetime | None
    ended: datetime | None


class RunRecord(NamedTuple):
    """One run: its tasks, mapped ones one by one, and what its tasks returned."""

    run_id: str
    state: str
    tasks: list[TaskRecord]
    results: dict[str, Any]


def migrate_database() -> bool:
    """Bring Airflow's database up to date, and create our pools.

    Returns:
        Whether there was a migration to run.
    """
    from airflow.utils import db

    try:
        db.check_migrations(timeout=0)
        migrated = False
    except TimeoutError:
        db.initdb()
        migrated = True
    create_pools()
    return migrated


def create_pools() -> None:
    """Create the pools that our tasks use. A pool that exists keeps the slots that somebody gave it."""
    from airflow.models.pool import Pool

    for name, settings in POOLS.items():
        if Pool.get_pool(name) is None:
            Pool.create_or_update_pool(name, settings.slots, settings.description, include_deferred=False)


def asset_manager(**settings: Any) -> Any:
    """Airflow's asset manager, with events of one partition one after the other (setting ``asset_manager_class``).

    Airflow itself locks the asset only. Two returns that arrive in the same instant would each start a pending run of
    the scorecard, and neither run would ever have all its returns.
    """
    from airflow.assets.manager import AssetManager
    from sqlalchemy import text

    class OneAfterTheOther(AssetManager):
        @classmethod
        def register_asset_change(cls, *, session: Any, partition_key: str | None = None, **change: Any) -> Any:
            if partition_key:
                # Until the transaction ends.
                session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": partition_key})
            return super().register_asset_change(session=session, partition_key=partition_key, **change)

    return OneAfterTheOther(**settings)


def run_here(dag_id: str, conf: dict[str, Any]) -> RunRecord:
    """Run a DAG in this process, and wait until it has ended. The scheduler must not be running.

    Raises:
        PermanentError: the DAG folder does not import.
    """
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from cadwyn.route_generation import generate_versioned_routers

    dag = registered_dag(dag_id)
    with (
        # Airflow would parse and register the whole DAG folder again for every run.
        mock.patch.object(DagBundlesManager, "get_all_dag_bundles", return_value=()),
        # The first run in a process builds Airflow's API for tasks, in nine versions, which takes seconds.
        mock.patch(
            "cadwyn.applications.generate_versioned_routers", partial(_newest_routers, generate_versioned_routers)
        ),
        # Airflow sleeps for a second whenever no task is ready, and so once for each step that is skipped.
        mock.patch.object(time, "sleep", partial(_nap, time.sleep)),
    ):
        run = dag.test(run_conf=conf)
    return _record(run, run.get_task_instances())


def request_run(dag_id: str, partition_key: str) -> str:
    """Ask Airflow's scheduler for a run of a partition. Returns the run's id.

    Raises:
        PermanentError: Airflow did not accept the run.
    """
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.utils.types import DagRunTriggeredByType

    run = trigger_dag(dag_id, triggered_by=DagRunTriggeredByType.CLI, partition_key=partition_key)
    if run is None:
        raise PermanentError(f"Airflow did not accept a run of {dag_id}")
    return str(run.run_id)


def run_record(dag_id: str, run_id: str) -> RunRecord | None:
    """A run that has ended, or None while it goes on."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()
        return _record(run, run.get_task_instances(session=session)) if str(run.state) in ENDED else None


def backfill_states(backfill_ids: Iterable[int]) -> list[tuple[str, str, str]]:
    """The DAG, partition and state of each run of some backfills."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    runs = select(DagRun.dag_id, DagRun.partition_key, DagRun.state).where(DagRun.backfill_id.in_(list(backfill_ids)))
    with create_session() as session:
        return [(dag_id, str(key), str(state)) for dag_id, key, state in session.execute(runs)]


@contextmanager
def mail_server() -> Iterator[smtplib.SMTP]:
    """The mail server of Airflow's connection ``smtp_default``, with TLS and log-in as the connection sets them.

    We do not use the hook's own ``send_email_smtp``: it retries whatever the server answered, which repeats letters,
    and it sends no plain text.
    """
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=MAIL_CONNECTION) as hook:
        yield cast("smtplib.SMTP", hook._smtp_client)


def question_page(dag_run: Any, task_id: str, map_index: int = -1) -> str:
    """The address of the page on which a person answers a task's question."""
    from airflow.sdk import conf

    base = str(conf.get("api", "base_url")).rstrip("/")
    page = f"/dags/{dag_run.dag_id}/runs/{dag_run.run_id}/tasks/{task_id}/required_actions"
    return f"{base}{page}?map_index={map_index}"


def forget_answer(task_instance: Any, question: HITLOperator) -> None:
    """Remove the answer to a question from Airflow's database, as if nobody had answered."""
    from airflow.sdk.execution_time.hitl import upsert_hitl_detail

    upsert_hitl_detail(ti_id=task_instance.id, options=question.options, subject=question.subject, params={})


def wait_for_answer(patience: timedelta) -> NoReturn:
    """End the task for now. It goes on with ``execute_complete`` when there is an answer, or after ``patience``."""
    from airflow.sdk.exceptions import TaskAwaitingInput

    raise TaskAwaitingInput(method_name="execute_complete", timeout=patience)


@cache
def registered_dag(dag_id: str) -> Any:
    """A DAG of the DAG folder, written to Airflow's database.

    Raises:
        PermanentError: the DAG folder does not import.
        KeyError: it has no such DAG.
    """
    from airflow.dag_processing.dagbag import sync_bag_to_db

    bundle, bag = _dag_folder()
    dag = bag.dags[dag_id]
    with mock.patch.object(bag, "dags", {dag_id: dag}):
        sync_bag_to_db(bag, bundle.name, bundle.version)
    return dag


@cache
def _dag_folder() -> tuple[Any, Any]:
    """The bundle of the DAG folder, and its DAGs."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag

    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    (bundle,) = manager.get_all_dag_bundles()
    bundle.initialize()
    bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
    if bag.import_errors:
        raise PermanentError(f"These DAG files do not import: {', '.join(bag.import_errors)}")
    return bundle, bag


def _newest_routers(generate: Callable[..., Any], router: Any, *, versions: Any, **arguments: Any) -> Any:
    """The routes of the newest version of an API, which our tasks use."""
    from cadwyn import HeadVersion, Version, VersionBundle
    from cadwyn.route_generation import _DELETED_ROUTE_TAG

    newest = copy(router)
    newest.routes = [route for route in router.routes if _DELETED_ROUTE_TAG not in getattr(route, "tags", ())]
    newest_version = Version(versions.versions[0].value)
    bundle = VersionBundle(HeadVersion(), newest_version, api_version_var=versions.api_version_var)
    return generate(newest, versions=bundle, **arguments)


def _nap(sleep: Callable[[float], None], seconds: float) -> None:
    sleep(min(seconds, 0.02))


def _record(run: Any, instances: Iterable[Any]) -> RunRecord:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    tasks = [TaskRecord(task.task_id, str(task.state), task.start_date, task.end_date) for task in instances]
    with create_session() as session:
        returned: Any = session.scalars(
            XComModel.get_many(run_id=run.run_id, key="return_value", dag_ids=run.dag_id, map_indexes=-1)
        ).all()
        results = {xcom.task_id: XComModel.deserialize_value(xcom) for xcom in returned}
    return RunRecord(run.run_id, str(run.state), tasks, results)
