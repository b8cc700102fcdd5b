"""DAGs whose tasks do nothing and run in sequence. ``SIA_EMPTY_TASKS`` gives the number for each DAG."""

from __future__ import annotations

import json
import os

from airflow.sdk import DAG, chain, task


@task
def nothing() -> None:
    """Do nothing."""


for _dag_id, _count in json.loads(os.environ["SIA_EMPTY_TASKS"]).items():
    with DAG(f"empty_{_dag_id}", schedule=None):
        chain(*(nothing() for _ in range(_count)))
