"""The desk as a service: ``python -m sia.web <host> <port>``. ``SIA_DESK_ADDRESS`` is the address that people open."""

from __future__ import annotations

import sys

import uvicorn

from sia.errors import PermanentError
from sia.settings import settings
from sia.web import council_sign_on, identity_provider
from sia.web.app import create
from sia_airflow import quarter_runs
from sia_airflow.airflow_compat import mail_server
from sia_airflow.release_answer import answer, question_about
from sia_airflow.rest_api import own_api


def serve(host: str, port: int) -> None:
    """Serve until the process is asked to stop.

    Raises:
        PermanentError: ``SIA_DESK_ADDRESS`` is not set, or the council's sign-on is set in part only.
    """
    current = settings()
    if current.desk_address is None:
        raise PermanentError("Set SIA_DESK_ADDRESS: docs/settings.md describes it.")
    has_log_in = bool(current.web_address and current.desk_log_in and current.desk_log_in_password)
    address = current.desk_address.rstrip("/")
    provider = identity_provider.configured(f"{address}{council_sign_on.CALLBACK}")
    # Do not log who reads what, and do not name the server's software.
    uvicorn.run(
        create(mail_server, address, _decide if has_log_in else None, _start if has_log_in else None, provider),
        host=host, port=port, access_log=False, server_header=False, log_level="warning",
    )  # fmt: skip


def _decide(candidate: int, approved: bool, comment: str, decided_by: str) -> bool:
    """Pass on to Airflow what an approver decided; False if it does not ask about the candidate."""
    api = own_api()
    question = question_about(api, candidate) if api else None
    if api is None or question is None:
        return False
    answer(api, question, comment, approved=approved, decided_by=decided_by)
    return True


def _start(dag_id: str, quarter_key: str) -> bool:
    """Start a run in Airflow; False if one for the quarter runs already."""
    api = own_api()
    return api is not None and quarter_runs.start(api, dag_id, quarter_key)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
