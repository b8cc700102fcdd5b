"""``make backfill FROM=… [TO=…]``: earlier quarters, by Airflow's own backfill and with its real services.

Drafts are not made while the returns come in, a dozen times for the same quarter, but once afterwards, for
the quarters that were asked for and those whose drafts look back on them.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from demo.samples.__main__ import write_samples
from demo.samples.published import FIRST, LAST
from sia.calendar import LONDON, Quarter, last_complete_quarter, quarters_between
from sia.cli import report
from sia.errors import PermanentError
from sia.intake import inbox
from sia.local import dag_runs, processes, services
from sia.local.bootstrap import prepared
from sia.local.console import Console, quiet, run_command
from sia.local.lock import exclusive
from sia.release.draft_folders import overtaken_drafts
from sia.settings import settings
from sia.warehouse import database
from sia_airflow import airflow_compat

PATIENCE_PER_QUARTER = 300


def asked_quarters(first: str, last: str, state: Path) -> list[Quarter]:
    """The quarters to fill. Without a last one: up to the first that was drafted before, else all samples.

    Raises:
        PermanentError: what was asked for is no range of quarters that have ended.
    """
    if not first:
        raise PermanentError("say from which quarter, for example FROM=2017-18Q1")
    try:
        begin = Quarter.parse(first)
        drafted = sorted(Quarter.parse(folder.name) for folder in (state / "drafts").glob("*Q*"))
        before = next((quarter.plus(-1) for quarter in drafted if quarter > begin), LAST)
        end = Quarter.parse(last) if last else before
    except ValueError as fault:
        raise PermanentError(str(fault)) from None
    complete = last_complete_quarter(datetime.now(LONDON).date())
    if not begin <= end <= complete:
        raise PermanentError(f"FROM={begin} TO={end} is no range of quarters up to {complete}, the last that has ended")
    return quarters_between(begin, end)


def main() -> None:
    """Backfill what the environment asks for."""
    state = settings().state
    quarters = asked_quarters(os.environ.get("FROM", "").strip(), os.environ.get("TO", "").strip(), state)
    began = time.monotonic()
    with exclusive(state, "make backfill"), quiet(state / "log" / "backfill.log") as console:
        console.line(f"Backfill of {len(quarters)} quarters, {quarters[0].label} to {quarters[-1].label}")
        were_up = bool(processes.running(state))
        with prepared(state, console, keep=were_up):
            with console.step("Writing sample returns where the inbox has none"):
                for quarter in quarters:
                    if FIRST <= quarter <= LAST and not any((state / "inbox").glob(f"*/{quarter.key}")):
                        write_samples(state / "inbox", quarter)
            names = inbox.returns_in(state / "inbox")
            address = services.up(state, console)
            try:
                failed = _ingest(services.Api(state, address), names, quarters, console)
                failed += _draft(quarters, console)
            finally:
                if not were_up:
                    with console.step("Stopping the services"):
                        processes.stop(state, processes.started(state))
            _summary(quarters, names, console, time.monotonic() - began)
    if failed:
        raise PermanentError(f"failed: {', '.join(failed)}; make up, and read their logs in Airflow")


def _ingest(api: services.Api, names: list[str], quarters: list[Quarter], console: Console) -> list[str]:
    """Backfill every ingest DAG and wait; the runs that failed."""
    api.ask("/dags/scorecard", {"is_paused": True}, "PATCH")
    try:
        backfills = [
            api.ask(
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
        api.ask("/dags/scorecard", {"is_paused": False}, "PATCH")


def _wait(backfills: list[int], quarters: int, console: Console) -> list[str]:
    until = time.monotonic() + PATIENCE_PER_QUARTER * quarters
    told = -1
    while time.monotonic() < until:
        states = airflow_compat.backfill_states(backfills)
        ended = [(f"{dag_id} {key}", state) for dag_id, key, state in states if state in airflow_compat.ENDED]
        if len(ended) // 5 != told:
            told = len(ended) // 5
            console.line(f"  {len(ended):>4} of {len(states)} ingest runs have ended")
        if len(ended) == len(states):
            return [run for run, state in ended if state == "failed"]
        time.sleep(1)
    raise PermanentError(f"the backfill did not end within {PATIENCE_PER_QUARTER * quarters / 60:.0f} minutes")


def _draft(quarters: list[Quarter], console: Console) -> list[str]:
    """Draft the quarters, and those whose drafts look back on them; the runs that failed."""
    keys = [quarter.key for quarter in sorted({*quarters, *overtaken_drafts(quarters)})]
    asked = {key: airflow_compat.request_run("scorecard", key) for key in keys}
    failed = []
    until = time.monotonic() + PATIENCE_PER_QUARTER * len(asked)
    while asked and time.monotonic() < until:
        for key, run_id in list(asked.items()):
            if run := dag_runs.ended("scorecard", key, run_id):
                del asked[key]
                took = sum(spent for _, spent in run.tasks)
                console.line(f"  {'Scorecard of ' + key:<56} {took:6.1f} s{'' if run.succeeded else ', failed'}")
                failed += [] if run.succeeded else [f"scorecard {key}"]
        time.sleep(0.5)
    return failed + [f"scorecard {key} (did not end)" for key in asked]


def _summary(quarters: list[Quarter], names: list[str], console: Console, took: float) -> None:
    with database.connection() as connection:
        found = report.attempts(connection, quarters, names)
    lines = report.heading("What was received, and what became of it")
    lines += report.grid(found, quarters, names)
    refused = [line for attempt in found if attempt.refused for line in report.explain(attempt)]
    lines += [*report.heading("Refused, and why"), *refused] if refused else []
    lines += ["", f"It took {took:.0f} seconds. The drafts are in {report.short(settings().state / 'drafts')}/."]
    for line in lines:
        console.line(line)


if __name__ == "__main__":
    run_command(main)
