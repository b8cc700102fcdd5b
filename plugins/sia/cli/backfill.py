"""``sia backfill``: load earlier quarters from the inbox with an Airflow backfill.

It writes the drafts once, after all returns are loaded: for the quarters of the backfill, and for later quarters whose
drafts look back on them.
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from sia.calendar import LONDON, Quarter, last_complete_quarter, quarters_between
from sia.cli import report
from sia.errors import PermanentError
from sia.intake import inbox
from sia.local import dag_runs, processes, services
from sia.local.airflow_api import unit_api
from sia.local.bootstrap import local_airflow
from sia.local.console import Console
from sia.release.draft_folders import overtaken_drafts
from sia.settings import settings
from sia.storage.folders import inbox_folder
from sia.warehouse import database
from sia_airflow import airflow_compat
from sia_airflow.rest_api import AirflowApi

TIMEOUT_SECONDS_A_QUARTER = 300


def backfill(first: str, last: str) -> None:
    """Load the quarters from the first to the last from the inbox, draft their scorecards, and print the outcomes.

    Raises:
        PermanentError: these are not quarters that have ended, or a run failed.
    """
    state = settings().state
    quarters = requested_quarters(first, last, state)
    with local_airflow("make backfill", keep_running=bool(processes.running(state))) as console:
        run(quarters, console)


def requested_quarters(first: str, last: str, state: Path, latest: Quarter | None = None) -> list[Quarter]:
    """The quarters from the first to the last.

    Args:
        first: a quarter.
        last: a quarter. If empty: the quarter before the first draft, or ``latest`` if there are no later drafts.
        state: the state folder, which has the drafts.
        latest: a quarter. If not given: the last quarter that has ended.

    Raises:
        PermanentError: a quarter is invalid or has not ended, or the last is before the first.
    """
    complete = last_complete_quarter(datetime.now(LONDON).date())
    try:
        begin = Quarter.parse(first)
        drafted = sorted(Quarter.parse(folder.name) for folder in (state / "drafts").glob("*Q*"))
        before_drafts = next((quarter.plus(-1) for quarter in drafted if quarter > begin), latest or complete)
        end = Quarter.parse(last) if last else before_drafts
    except ValueError as error:
        raise PermanentError(str(error)) from None
    if not begin <= end <= complete:
        raise PermanentError(
            f"FROM={begin} TO={end}: the first must be before the last. The last quarter that has ended is {complete}."
        )
    return quarters_between(begin, end)


def run(quarters: list[Quarter], console: Console) -> None:
    """Load and draft quarters with Airflow's services. Starts the services if they are not running.

    Raises:
        PermanentError: a run failed or did not end in time.
    """
    state = settings().state
    began = time.monotonic()
    console.line(f"Backfill of {len(quarters)} quarters, {quarters[0].label} to {quarters[-1].label}")
    names = inbox.returns_in(inbox_folder())
    were_running = bool(processes.running(state))
    ports = services.up(state, console)
    try:
        failed = _load(unit_api(state, ports.web_address), names, quarters, console)
        failed += _draft(quarters, console)
    finally:
        if not were_running:
            with console.step("Stopping the services"):
                processes.stop(state, processes.started(state))
    for line in _summary(quarters, names):
        console.line(line)
    console.line(f"It took {time.monotonic() - began:.0f} seconds.")
    console.line(f"The drafts are in {report.short(state / 'drafts')}/.")
    if failed:
        raise PermanentError(f"Failed: {', '.join(failed)}. Start Airflow with make up, and read their logs there.")


def _load(api: AirflowApi, names: list[str], quarters: list[Quarter], console: Console) -> list[str]:
    """Backfill every ingest DAG and wait. Returns the runs that failed."""
    api.patch("/dags/scorecard", {"is_paused": True})
    try:
        backfills = [
            api.post(
                "/backfills",
                {
                    "dag_id": f"ingest_{name}",
                    "from_date": f"{quarters[0].start}T00:00:00Z",
                    "to_date": f"{quarters[-1].start}T00:00:00Z",
                    "reprocess_behavior": "completed",
                    "max_active_runs": 1,
                },
            )["id"]
            for name in names
        ]
        return _wait(backfills, len(quarters), console)
    finally:
        api.patch("/dags/scorecard", {"is_paused": False})


def _wait(backfills: list[int], quarters: int, console: Console) -> list[str]:
    timeout_seconds = TIMEOUT_SECONDS_A_QUARTER * quarters
    until = time.monotonic() + timeout_seconds
    with console.progress("Loading the returns", quarters * len(backfills)) as show_done:
        while time.monotonic() < until:
            states = airflow_compat.backfill_states(backfills)
            ended = [(f"{dag_id} {key}", state) for dag_id, key, state in states if state in airflow_compat.ENDED]
            show_done(len(ended))
            if len(ended) == len(states):
                failed = [name for name, state in ended if state == "failed"]
                console.note(f"  {len(ended) - len(failed)} of {len(ended)} ingest runs succeeded")
                return failed
            time.sleep(1)
    raise PermanentError(f"The backfill did not end within {timeout_seconds / 60:.0f} minutes.")


def _draft(quarters: list[Quarter], console: Console) -> list[str]:
    """Draft the quarters, and later quarters that look back on them. Returns the runs that failed."""
    keys = [quarter.key for quarter in sorted({*quarters, *overtaken_drafts(quarters)})]
    waiting = {key: airflow_compat.request_run("scorecard", key) for key in keys}
    failed = []
    until = time.monotonic() + TIMEOUT_SECONDS_A_QUARTER * len(waiting)
    with console.step("Drafting the scorecards") as step:
        while waiting and time.monotonic() < until:
            for key, run_id in list(waiting.items()):
                if ended := dag_runs.ended("scorecard", key, run_id):
                    del waiting[key]
                    failed += [] if ended.succeeded else [f"scorecard {key}"]
            time.sleep(0.5)
        failed += [f"scorecard {key} (did not end)" for key in waiting]
        step.result = f"{len(keys) - len(failed)} of {len(keys)}"
    return failed


def _summary(quarters: list[Quarter], names: list[str]) -> list[str]:
    with database.connection() as connection:
        attempts = report.attempts(connection, quarters, names)
    refused = [line for attempt in attempts if attempt.refused for line in report.explain(attempt)]
    return [
        *report.heading("Returns received"),
        *report.grid(attempts, quarters, names),
        *(report.heading("Refused returns") if refused else []),
        *refused,
        "",
    ]
