"""Airflow's REST API on this machine, for the log-in ``unit``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from sia.errors import PermanentError
from sia.local import airflow

_TIMEOUT_SECONDS = 30
# The parts of Airflow in its health report, and their names for people.
_PARTS = {
    "metadatabase": "the API server and the database",
    "scheduler": "the scheduler",
    "dag_processor": "the DAG processor",
    "triggerer": "the triggerer",
}


class AirflowApi:
    """The REST API at an address, for one log-in."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=f"{address}/api/v2", timeout=_TIMEOUT_SECONDS)
        answer = httpx.post(
            f"{address}/auth/token", json={"username": user, "password": password}, timeout=_TIMEOUT_SECONDS
        )
        if answer.is_error:
            # Two commands that start at the same time may both see the port as free. Only the first gets it.
            raise PermanentError(
                f"{address} is not this project's Airflow ({answer.status_code}). Run make down, then make up."
            )
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str) -> dict[str, Any]:
        """The resource at a path below ``/api/v2``."""
        return self._ask("GET", path)

    def post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """Create something below a path."""
        return self._ask("POST", path, data)

    def patch(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """Change the resource at a path."""
        return self._ask("PATCH", path, data)

    def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.request(method, path, json=data).raise_for_status().json()
        return answer


def unit_api(state: Path, address: str) -> AirflowApi:
    """The REST API for the log-in ``unit``, whose password is in the state folder.

    Raises:
        PermanentError: another program responds at the address.
    """
    return AirflowApi(address, airflow.USER, airflow.password(state))


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
