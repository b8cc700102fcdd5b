"""Starts runs of quarterly DAGs through Airflow's REST API.

It imports nothing of Airflow, so that the desk stays small.
"""

from __future__ import annotations

from sia_airflow.rest_api import AirflowApi


def start(api: AirflowApi, dag_id: str, quarter_key: str) -> bool:
    """Start a run of a DAG for a quarter; False if one waits or runs already."""
    runs = f"/dags/{dag_id}/dagRuns"
    active = api.get(f"{runs}?state=queued&state=running&limit=100")["dag_runs"]
    if any(quarter_key in (run["partition_key"], (run["conf"] or {}).get("quarter")) for run in active):
        return False
    api.post(runs, {"logical_date": None, "conf": {"quarter": quarter_key}})
    return True
