"""``make approve QUARTER=2021-22Q4``: prepare a release, show what it says otherwise than the last, and decide on it.

Everything is asked of Airflow's REST API, as the unit: the same that its pages do.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.local import airflow, processes, services
from sia.local.console import run_command
from sia.local.services import Api
from sia.settings import settings

PATIENCE = 1800
_DAG = "/dags/release/dagRuns"
_ENDED = {"success", "failed"}


def waiting(api: Api) -> dict[str, dict[str, Any]]:
    """The questions that wait for an answer, by quarter."""
    asked = api.ask(f"{_DAG}/~/hitlDetails?response_received=false")["hitl_details"]
    runs = {each["task_instance"]["dag_run_id"]: each for each in asked}
    return {_given(api, run_id, "prepare")["release"].partition("/")[0]: each for run_id, each in runs.items()}


def prepare(api: Api, quarter: Quarter, patience: float = PATIENCE) -> dict[str, Any]:
    """The question about a quarter's release; if none waits, a release is started, and waited for until it asks.

    Raises:
        PermanentError: another quarter's waits to be decided first, or the run ended without asking.
    """
    run = ""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        asked = waiting(api)
        if quarter.key in asked:
            return asked[quarter.key]
        if asked:
            raise PermanentError(f"the release of {', '.join(asked)} is waiting for a decision: decide that first")
        if not run:
            run = api.ask(_DAG, {"logical_date": None, "conf": {"quarter": quarter.key}}, "POST")["dag_run_id"]
        elif api.ask(f"{_DAG}/{run}")["state"] in _ENDED:
            raise PermanentError("the release could not be prepared; its log, in Airflow, says why")
        time.sleep(1)
    raise PermanentError(f"the release was not ready within {patience / 60:.0f} minutes")


def decide(api: Api, asked: dict[str, Any], comment: str, *, approved: bool) -> None:
    """Answer a question."""
    instance = asked["task_instance"]
    api.ask(
        f"{_DAG}/{instance['dag_run_id']}/taskInstances/{instance['task_id']}/{instance['map_index']}/hitlDetails",
        {"chosen_options": ["Approve" if approved else "Reject"], "params_input": {"comment": comment}},
        "PATCH",
    )


def settle(
    api: Api, asked: dict[str, Any], comment: str, *, approved: bool, patience: float = PATIENCE
) -> dict[str, Any]:
    """Answer a question and wait until its run has ended; what its task ``publish`` gave, empty where it was sent back.

    Raises:
        PermanentError: it failed.
    """
    run = asked["task_instance"]["dag_run_id"]
    decide(api, asked, comment, approved=approved)
    until = time.monotonic() + patience
    while (state := api.ask(f"{_DAG}/{run}")["state"]) not in _ENDED:
        if time.monotonic() > until:
            raise PermanentError(f"{run} did not end within {patience / 60:.0f} minutes")
        time.sleep(1)
        # An answer within seconds of the question can cross with the worker's leaving: Airflow then asks again.
        for again in waiting(api).values():
            if again["task_instance"]["dag_run_id"] == run and again["body"] == asked["body"]:
                decide(api, again, comment, approved=approved)
    if state == "failed":
        raise PermanentError("nothing was published: the log of the run, in Airflow, says why")
    tasks = {each["task_id"]: each["state"] for each in api.ask(f"{_DAG}/{run}/taskInstances")["task_instances"]}
    return _given(api, run, "publish") if tasks["publish"] == "success" else {}


def _given(api: Api, run_id: str, task: str) -> dict[str, Any]:
    """What a task of a run gave."""
    entry = api.ask(f"{_DAG}/{run_id}/taskInstances/{task}/xcomEntries/return_value?deserialize=true")
    return dict(entry["value"])


def main(arguments: list[str]) -> None:
    """Decide on the release of a quarter."""
    parser = argparse.ArgumentParser(prog="python -m sia.cli.approve")
    parser.add_argument("quarter", help="for example 2021-22Q4")
    parser.add_argument("--reject", action="store_true", help="send it back")
    parser.add_argument("--comment", default="", help="kept with the decision")
    given = parser.parse_args(arguments)
    try:
        quarter = Quarter.parse(given.quarter)
    except ValueError as fault:
        raise PermanentError(str(fault)) from None
    state = settings().state
    if not processes.is_running(state, "api-server"):
        raise PermanentError("Airflow's services are not running here: `make up` starts them; then approve")
    ports = json.loads((state / "run" / "ports.json").read_text(encoding="utf-8"))
    api = services.Api(state, f"http://{airflow.LOOPBACK}:{ports['web']}")
    print(f"Preparing the release of {quarter.label} …", flush=True)
    asked = prepare(api, quarter)
    print(f"\n{asked['body']}")
    approved = not given.reject
    # A person sees it before it is decided; a script that calls this has decided.
    if sys.stdin.isatty() and input(f"{'Approve' if approved else 'Send back'}? [y/N] ").strip().lower() != "y":
        print("Nothing was decided; it goes on waiting.")
        return
    if done := settle(api, asked, given.comment, approved=approved):
        print(f"Published: release {done['release']} in {done['folder']}\nData: SHA-256 {done['data_hash']}")
    else:
        print("Sent back. The decision and its comment are in the ledger (release.decision).")


if __name__ == "__main__":
    run_command(lambda: main(sys.argv[1:]))
