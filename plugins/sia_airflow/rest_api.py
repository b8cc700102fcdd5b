"""Airflow's REST API, for one log-in: it may be the one with which our own services act."""

from __future__ import annotations

from typing import Any

import httpx

from sia.errors import PermanentError
from sia.settings import settings

_TIMEOUT_SECONDS = 30


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


def own_api() -> AirflowApi | None:
    """The REST API for the log-in of the desk; None if the settings have no address, log-in or password.

    Raises:
        PermanentError: Airflow does not accept the log-in.
    """
    current = settings()
    if not (current.web_address and current.desk_log_in and current.desk_log_in_password):
        return None
    return AirflowApi(current.web_address, current.desk_log_in, current.desk_log_in_password.get_secret_value())
