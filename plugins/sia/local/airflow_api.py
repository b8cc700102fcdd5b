"""Airflow on this machine: its REST API for the unit and the approver, and what of it is healthy."""

from __future__ import annotations

from pathlib import Path

import httpx

from sia.local import airflow
from sia_airflow.rest_api import AirflowApi

_TIMEOUT_SECONDS = 30
# The parts of Airflow in its health report, and their names for people.
_PARTS = {
    "metadatabase": "the API server and the database",
    "scheduler": "the scheduler",
    "dag_processor": "the DAG processor",
    "triggerer": "the triggerer",
}


def unit_api(state: Path, address: str) -> AirflowApi:
    """The REST API for the unit, whose password is in the state folder.

    Raises:
        PermanentError: another program responds at the address.
    """
    return _api(state, address, airflow.UNIT)


def approver_api(state: Path, address: str) -> AirflowApi:
    """The REST API for the approver, whose password is in the state folder.

    Raises:
        PermanentError: another program responds at the address.
    """
    return _api(state, address, airflow.APPROVER)


def _api(state: Path, address: str, log_in: str) -> AirflowApi:
    return AirflowApi(address, log_in, airflow.password(state, log_in))


def unhealthy_parts(address: str) -> set[str]:
    """The parts of Airflow that are not healthy yet, as people call them."""
    try:
        health = httpx.get(f"{address}/api/v2/monitor/health", timeout=_TIMEOUT_SECONDS).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return set(_PARTS.values())
    return {title for part, title in _PARTS.items() if (health.get(part) or {}).get("status") != "healthy"}


def files_read(api: AirflowApi) -> set[str]:
    """The files of the DAG folder that Airflow has read, including those that it cannot import."""
    dags = api.get("/dags?limit=1000")["dags"]
    errors = api.get("/importErrors?limit=1000")["import_errors"]
    return {
        Path(path).name
        for path in (*(dag["relative_fileloc"] for dag in dags), *(error["filename"] for error in errors))
    }
