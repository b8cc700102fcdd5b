"""Time a quarter in Airflow, compared with the same number of empty tasks.

``python -m benchmarks.quarter ours FOLDER`` runs every ingest DAG and the scorecard for six quarters of samples in
Airflow's in-process runner. It prints JSON: the seconds for each quarter but the first, which is the warm-up, and the
number of tasks of each DAG. ``empty FOLDER`` does the same with empty tasks; ``SIA_EMPTY_TASKS`` gives their number.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from demo.samples.files import write_samples
from sia.calendar import Quarter, quarters_between
from sia.contract.model import returns
from sia.local import airflow, dag_runs, postgres
from sia.paths import PROJECT
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia_airflow import airflow_compat

QUARTERS = quarters_between(Quarter(2020, 1), Quarter(2021, 2))
DAGS = [*(f"ingest_{name}" for name in returns()), "scorecard"]


def main() -> None:
    """Measure, and print the times."""
    which, state = sys.argv[1], Path(sys.argv[2])
    airflow.configure(state, postgres.start(state))
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        result = _ours(state) if which == "ours" else _empty()
    print(json.dumps(result))


def _ours(state: Path) -> dict[str, object]:
    with database.connection() as connection:
        migrate(connection)
    airflow_compat.migrate_database()
    for quarter in QUARTERS:
        write_samples(state / "inbox", quarter)
    seconds = [_run(DAGS, quarter) for quarter in QUARTERS]
    return {"seconds": seconds[1:], "tasks": _tasks_a_quarter()}


def _empty() -> dict[str, object]:
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(PROJECT / "benchmarks" / "dags")
    seconds = [_run([f"empty_{name}" for name in DAGS], quarter) for quarter in QUARTERS]
    return {"seconds": seconds[1:]}


def _run(dags: list[str], quarter: Quarter) -> float:
    began = time.perf_counter()
    for dag_id in dags:
        dag_runs.run_here(dag_id, quarter.key).check()
    return time.perf_counter() - began


def _tasks_a_quarter() -> dict[str, int]:
    """The average number of tasks in each DAG's runs. Every mapped task counts."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    with create_session() as session:
        counted = select(TaskInstance.dag_id, func.count()).group_by(TaskInstance.dag_id)
        return {dag_id: round(number / len(QUARTERS)) for dag_id, number in session.execute(counted).tuples()}


if __name__ == "__main__":
    main()
