"""``sia approve``: prepare a release, show what has changed since the last release, and decide on it.

It calls Airflow's REST API as this machine's approver.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.local import processes
from sia.local.airflow_api import approver_api
from sia.local.ports import Ports
from sia.settings import settings
from sia_airflow.release_answer import RUNS, answer, open_questions
from sia_airflow.rest_api import AirflowApi

TIMEOUT_SECONDS = 1800
_ENDED = {"success", "failed"}


def approve(quarter_key: str, comment: str, *, approved: bool) -> None:
    """Decide on the release of a quarter, and print the decision.

    Raises:
        PermanentError: this is not a quarter, the services are not running, or the release failed.
    """
    try:
        quarter = Quarter.parse(quarter_key)
    except ValueError as error:
        raise PermanentError(str(error)) from None
    state = settings().state
    ports = Ports.kept(state)
    if ports is None or not processes.is_running(state, "api-server"):
        raise PermanentError("Airflow is not running. Run make up, then make approve again.")
    api = approver_api(state, ports.web_address)
    print(f"Preparing the release of {quarter.label} …", flush=True)
    question = prepare(api, quarter)
    print(f"\n{question['body']}")
    # A person sees the release before the decision. A script that calls this command has decided already.
    if sys.stdin.isatty() and input(f"{'Approve' if approved else 'Send back'}? [y/N] ").strip().lower() != "y":
        print("Nothing was decided. The release still waits for a decision.")
        return
    if published := settle(api, question, comment, approved=approved):
        print(f"Published: release {published['release']} in {published['folder']}")
        print(f"Data: SHA-256 {published['data_hash']}")
    else:
        print("Sent back. The decision and its comment are in the ledger (release.decision).")


def waiting(api: AirflowApi) -> dict[str, dict[str, Any]]:
    """The questions that wait for a decision, by quarter."""
    runs = {question["task_instance"]["dag_run_id"]: question for question in open_questions(api)}
    return {_result(api, run, "prepare")["release"].partition("/")[0]: question for run, question in runs.items()}


def prepare(api: AirflowApi, quarter: Quarter, timeout_seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """The question about the release of a quarter. If none waits, start a release and wait for its question.

    Raises:
        PermanentError: the release of another quarter waits for a decision, or the run failed.
    """
    run = ""
    until = time.monotonic() + timeout_seconds
    while time.monotonic() < until:
        questions = waiting(api)
        if quarter.key in questions:
            return questions[quarter.key]
        if questions:
            raise PermanentError(f"The release of {', '.join(questions)} waits for a decision. Decide on that first.")
        if not run:
            run = api.post(RUNS, {"logical_date": None, "conf": {"quarter": quarter.key}})["dag_run_id"]
        elif api.get(f"{RUNS}/{run}")["state"] in _ENDED:
            raise PermanentError("The release could not be prepared. Read the log of its run in Airflow.")
        time.sleep(1)
    raise PermanentError(f"The release was not ready within {timeout_seconds / 60:.0f} minutes.")


def settle(
    api: AirflowApi,
    question: dict[str, Any],
    comment: str,
    *,
    approved: bool,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """Answer a question and wait until its run has ended. Returns the result of ``publish``, empty if sent back.

    Raises:
        PermanentError: the run failed, or did not end in time.
    """
    run = question["task_instance"]["dag_run_id"]
    answer(api, question, comment, approved=approved)
    until = time.monotonic() + timeout_seconds
    while (state := api.get(f"{RUNS}/{run}")["state"]) not in _ENDED:
        if time.monotonic() > until:
            raise PermanentError(f"{run} did not end within {timeout_seconds / 60:.0f} minutes.")
        time.sleep(1)
        # An answer within seconds of the question can arrive before the worker has left. Airflow then asks again.
        for again in waiting(api).values():
            if again["task_instance"]["dag_run_id"] == run and again["body"] == question["body"]:
                answer(api, again, comment, approved=approved)
    if state == "failed":
        raise PermanentError("Nothing was published. Read the log of the run in Airflow.")
    tasks = {task["task_id"]: task["state"] for task in api.get(f"{RUNS}/{run}/taskInstances")["task_instances"]}
    return _result(api, run, "publish") if tasks["publish"] == "success" else {}


def _result(api: AirflowApi, run: str, task: str) -> dict[str, Any]:
    entry = api.get(f"{RUNS}/{run}/taskInstances/{task}/xcomEntries/return_value?deserialize=true")
    return dict(entry["value"])
