"""``sia ingest``: put a file into the inbox, run its ingest DAG, and report the outcome."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.cli import report
from sia.intake.identify import Details, IdentifiedFile, identify, put_into_inbox
from sia.intake.outcomes import outcomes
from sia.local import dag_runs, processes
from sia.local.bootstrap import local_airflow
from sia.local.console import Console
from sia.settings import settings
from sia.storage.folders import inbox_folder
from sia.storage.landing import fingerprint
from sia.warehouse import database
from sia.warehouse.sql_files import statement

_MAX_REASONS = 10
_MONTHS_A_LINE = 6


def ingest(file: Path, given: Details) -> None:
    """Load a file.

    Raises:
        PermanentError: there is no such file, we cannot tell which return it is, or its run failed.
    """
    identified = identify(file, given)
    return_name, quarter = identified.contract.name, identified.quarter
    with local_airflow("make ingest") as console:
        console.line(f"{file.name} as {identified.contract.title}, {quarter.label}")
        path = put_into_inbox(identified, inbox_folder())
        with database.connection() as connection:
            earlier = {row["submission_id"] for row in outcomes(connection, return_name, quarter.key)}
        _run(f"ingest_{return_name}", quarter.key, console)
        with database.connection() as connection:
            for line in _outcome(connection, fingerprint(path)[0], identified, earlier):
                console.line(line)


def _run(dag_id: str, quarter_key: str, console: Console) -> None:
    services_are_running = bool(processes.running(settings().state))
    with console.step(f"Running {dag_id}"):
        run = (dag_runs.run_by_services if services_are_running else dag_runs.run_here)(dag_id, quarter_key)
    run.check()
    for task, seconds in run.tasks:
        console.note(f"    {task:<67} {seconds:6.1f} s")
    # If the services are running, their scheduler does this.
    for overtaken in [] if services_are_running else run.results.get("announce_overtaken") or []:
        with console.step(f"Drafting the scorecard of {overtaken} again"):
            dag_runs.run_here("scorecard", overtaken).check()


def _outcome(connection: Connection, content_hash: str, identified: IdentifiedFile, earlier: set[int]) -> Iterable[str]:
    for attempt in report.attempts(connection, [identified.quarter], [identified.contract.name]):
        if attempt.outcome["content_hash"] != content_hash:
            continue
        submission_id = attempt.outcome["submission_id"]
        yield ""
        if submission_id in earlier:
            yield "We received the same file before. Nothing has changed. Its outcome:"
        yield from report.explain(attempt, _MAX_REASONS)
        if identified.contract.headline_component and not attempt.refused:
            yield from _totals(connection, submission_id, identified.contract.headline_component)
        return
    yield "The file was not loaded: it does not name its sender. Add SOURCE=…"


def _totals(connection: Connection, submission_id: int, component: str) -> Iterable[str]:
    """The totals of a component, by area and period."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("intake/component_totals"), {"submission_id": submission_id, "component": component})
        totals = {(area, starts_on): amount for area, starts_on, amount in cursor.fetchall()}
    periods = sorted({starts_on for _, starts_on in totals})
    heading = component.replace("_", " ").capitalize()
    for shown in (periods[at : at + _MONTHS_A_LINE] for at in range(0, len(periods), _MONTHS_A_LINE)):
        yield ""
        yield heading.ljust(26) + "".join(f"{starts_on:%b %Y}".rjust(9) for starts_on in shown)
        for area in dict.fromkeys(area for area, _ in totals):
            yield area.ljust(26) + "".join(_amount(totals.get((area, starts_on))).rjust(9) for starts_on in shown)


def _amount(amount: Decimal | None) -> str:
    return "none" if amount is None else f"{amount:,.0f}"
