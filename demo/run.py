"""The demo run: two years of sample returns through Airflow, the letters, and a summary of what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from demo import commentary
from demo.samples.files import write_samples
from sia.calendar import Quarter, quarters_between
from sia.cli import report
from sia.contract.model import contracts
from sia.feedback import outbox
from sia.intake import inbox
from sia.intake.outcomes import outcomes
from sia.local import dag_runs, mail_catcher, processes
from sia.local.bootstrap import local_airflow
from sia.local.console import Console
from sia.settings import settings
from sia.warehouse import database

QUARTERS = quarters_between(Quarter(2020, 1), Quarter(2021, 4))


def run() -> None:
    """Run the demo, and print the summary.

    Raises:
        PermanentError: a run failed.
    """
    state = settings().state
    began = time.monotonic()
    with local_airflow("make demo") as console:
        with _workers(console) as run_each:
            with console.step("Writing the sample returns") as step:
                new = sum(run_each(_new_samples, QUARTERS))
                step.result = f"{new} new files" if new else "unchanged"
            names = inbox.returns_in(state / "inbox")
            runs = _run_all(names, run_each, console)
        with console.step("Storing the leads' commentary") as step, database.connection() as connection:
            stored = commentary.store(connection)
            step.result = f"{stored} new" if stored else "unchanged"
        with console.step("Sending the letters") as step:
            with mail_catcher.catching(state) as server, database.connection() as connection:
                sent = outbox.send_due(connection, server).sent
            step.result = f"{sent} to the mail catcher" if sent else "unchanged"
        for line in _summary(runs, names, console, time.monotonic() - began):
            console.line(line)


@contextmanager
def _workers(console: Console) -> Iterator[Callable[..., Iterable[Any]]]:
    """A function like ``map``, which works in several processes. Where Airflow's services run, they do the work."""
    if processes.running(settings().state):
        yield map
        return
    with ExitStack() as stack:
        with console.step("Reading the DAGs"):
            dag_ids = [*(f"ingest_{name}" for name in contracts()), "scorecard"]
            executor = stack.enter_context(dag_runs.processes_for(dag_ids))
        yield executor.map


def _new_samples(quarter: Quarter) -> int:
    """Write the sample returns of a quarter; how many files are new."""
    return sum(write_samples(settings().state / "inbox", quarter).values())


def _run_all(names: list[str], run_each: Callable[..., Iterable[Any]], console: Console) -> list[dag_runs.Run]:
    """Load one quarter after another, then draft every scorecard from all that is loaded."""
    loads = [[(f"ingest_{name}", quarter) for name in names] for quarter in QUARTERS]
    drafts = [("scorecard", quarter) for quarter in QUARTERS]
    run_dag = dag_runs.run_by_services if processes.running(settings().state) else dag_runs.run_here
    runs: list[dag_runs.Run] = []
    with console.progress("Running the DAGs", sum(map(len, loads)) + len(drafts)) as show_done:
        for batch in (*loads, drafts):
            for run, line in run_each(partial(_run, run_dag), batch):
                runs.append(run)
                console.note(line)
                show_done(len(runs))
    return runs


def _run(run_dag: Callable[[str, str], dag_runs.Run], dag: tuple[str, Quarter]) -> tuple[dag_runs.Run, str]:
    """Run a DAG for a quarter. Returns the run, and the line that tells how it ended."""
    (dag_id, quarter), began = dag, time.monotonic()
    earlier = [] if dag_id == "scorecard" else _statuses_now(dag_id.removeprefix("ingest_"), quarter)
    run = run_dag(dag_id, quarter.key)
    run.check()
    result = _result(run, earlier)
    return run, f"  {quarter.label}  {dag_id:<28} {result:<28} {time.monotonic() - began:6.1f} s"


def _result(run: dag_runs.Run, earlier: list[tuple[int, str]]) -> str:
    if run.dag_id == "scorecard":
        return "drafted" if run.results["draft"]["changed"] else "unchanged"
    rows = run.results["outcome"]
    if not rows:
        return "nothing received"
    if _statuses(rows) == earlier:
        return "unchanged"
    return ", then ".join(row["status"] for row in rows)


def _statuses_now(return_name: str, quarter: Quarter) -> list[tuple[int, str]]:
    with database.connection() as connection:
        return _statuses(outcomes(connection, return_name, quarter.key))


def _statuses(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["submission_id"], row["status"]) for row in rows]


def _summary(runs: list[dag_runs.Run], names: list[str], console: Console, seconds: float) -> Iterator[str]:
    with database.connection() as connection:
        attempts = report.attempts(connection, QUARTERS, names)
        tasks = report.tasks(connection, QUARTERS, names)
    yield ""
    yield "=" * report.WIDTH
    yield f"Sample returns, {QUARTERS[0].label} to {QUARTERS[-1].label}. All figures are synthetic."
    yield from report.heading("Returns received")
    yield from report.grid(attempts, QUARTERS, names)
    yield from report.heading("Refused returns")
    for attempt in attempts:
        if attempt.refused:
            yield from report.explain(attempt)
    yield from report.heading("What partners are asked to correct")
    yield from tasks
    yield from report.heading("Letters")
    yield f"{len(mail_catcher.caught(settings().state))} letters. The mail catcher keeps them: none left this machine."
    yield "  in a browser      run make up, then open the mail catcher's page"
    yield "  here              run make mail; make mail N=1 shows the first letter"
    yield "  marked workbooks  attached to the letters that ask for a correction"
    yield from report.heading("Draft scorecards")
    drafts = [run.results["draft"] for run in runs if run.dag_id == "scorecard"]
    for draft in drafts:
        quarter = Quarter.parse(draft["quarter"])
        yield f"{quarter.label:<12}{draft['reported']:>3} measures with figures, {draft['unreported']:>3} without"
    yield ""
    yield f"The newest draft, {Quarter.parse(drafts[-1]['quarter']).label}:"
    for title, file in (("workbook", "workbook"), ("web page", "page"), ("tidy CSV", "data")):
        yield f"  {title:<10}{report.short(Path(drafts[-1][file]))}"
    yield ""
    yield f"To release it: run make up, then make approve QUARTER={drafts[-1]['quarter']}"
    yield "To release the last four quarters on days of their own: make demo-releases"
    yield from report.heading("Time taken")
    tasks_run = [task for run in runs for task in run.tasks]
    yield from report.durations([*console.seconds.items(), *tasks_run])
    yield ""
    yield f"Total: {seconds:.0f} seconds, of which {sum(duration for _, duration in tasks_run):.0f} in tasks."
    yield f"Airflow's log: {report.short(console.log)}"
