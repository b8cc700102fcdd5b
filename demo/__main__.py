"""``make demo``: two years of sample returns through Airflow, the letters, and a page that says what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.samples.__main__ import write_samples
from sia.calendar import Quarter, quarters_between
from sia.cli import report
from sia.feedback import outbox
from sia.intake import inbox
from sia.intake.outcomes import outcomes
from sia.local import dag_runs, mail_catcher, processes
from sia.local.bootstrap import prepared
from sia.local.console import Console, quiet, run_command
from sia.local.lock import exclusive
from sia.settings import settings
from sia.warehouse import database

QUARTERS = quarters_between(Quarter(2020, 1), Quarter(2021, 4))


def main() -> None:
    """Run the demo."""
    state = settings().state
    began = time.monotonic()
    with exclusive(state, "make demo"), quiet(state / "log" / "demo.log") as console:
        console.line("Safer communities: two years of made-up sample returns, through Airflow")
        console.line()
        with prepared(state, console):
            with console.step("Writing the sample returns into the inbox"):
                new_samples = sum(sum(write_samples(state / "inbox", quarter).values()) for quarter in QUARTERS)
            console.line(f"    {new_samples} new sample returns" if new_samples else "    nothing has changed")
            run = dag_runs.run_by_services if processes.running(state) else dag_runs.run_here
            names = inbox.returns_in(state / "inbox")
            done = [one for quarter in QUARTERS for one in _run_quarter(run, quarter, names, console)]
            with console.step("Sending the letters to the mail catcher"):
                sent = _send(state)
            console.line(f"    {sent} letters" if sent else "    nothing has changed")
            page = _page(done, names, console, time.monotonic() - began)
        for line in page:
            console.line(line)


def _run_quarter(
    run: Callable[[str, str], dag_runs.Run], quarter: Quarter, names: list[str], console: Console
) -> list[dag_runs.Run]:
    console.line(f"  {quarter.label}")
    done = []
    for dag_id in [*(f"ingest_{name}" for name in names), "scorecard"]:
        began = time.monotonic()
        known = [] if dag_id == "scorecard" else _known(dag_id.removeprefix("ingest_"), quarter)
        one = run(dag_id, quarter.key)
        one.check()
        console.line(f"    {dag_id:<19} {_said(one, known):<46} {time.monotonic() - began:5.1f} s")
        done.append(one)
    return done


def _said(run: dag_runs.Run, known: list[tuple[int, str]]) -> str:
    if run.dag_id == "scorecard":
        return "drafted" if run.results["draft"]["changed"] else "nothing has changed"
    rows = run.results["outcome"]
    if not rows:
        return "nothing was received"
    if _states(rows) == known:
        return "nothing has changed"
    return ", then ".join(row["status"] for row in rows)


def _send(state: Path) -> int:
    """Send what is in the outbox to the mail catcher, as the DAG ``send_outbox`` does; how many letters."""
    with mail_catcher.catching(state) as server, database.connection() as connection:
        return outbox.send_due(connection, server).sent


def _known(return_name: str, quarter: Quarter) -> list[tuple[int, str]]:
    with database.connection() as connection:
        return _states(outcomes(connection, return_name, quarter.key))


def _states(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["submission_id"], row["status"]) for row in rows]


def _page(done: list[dag_runs.Run], names: list[str], console: Console, took: float) -> list[str]:
    with database.connection() as connection:
        found = report.attempts(connection, QUARTERS, names)
        tasks_asked = report.tasks(connection, QUARTERS, names)
    lines = ["", "=" * report.WIDTH]
    lines.append(f"Sample returns, {QUARTERS[0].label} to {QUARTERS[-1].label}. All figures are made up.")
    lines += report.heading("What was received, and what became of it")
    lines += report.grid(found, QUARTERS, names)
    lines += report.heading("Refused, and why")
    for attempt in found:
        if attempt.refused:
            lines += report.explain(attempt)
    lines += report.heading("What partners are asked to put right")
    lines += tasks_asked
    lines += report.heading("What partners were told")
    lines.append(f"{len(mail_catcher.caught(settings().state))} letters. The mail catcher has them; none was sent on.")
    for what, where in (
        ("in a browser", "make up, then the page of the mail catcher"),
        ("here", "make mail, then make mail N=1 for the first"),
        ("marked workbooks", "attached to the letters that ask for something"),
    ):
        lines.append(f"  {what:<18}{where}")
    lines += report.heading("The draft scorecards")
    drafts = [run.results["draft"] for run in done if run.dag_id == "scorecard"]
    for draft in drafts:
        lines.append(
            f"{Quarter.parse(draft['quarter']).label:<12}{draft['reported']:>3} measures with figures, "
            f"{draft['unreported']:>3} without, and said so"
        )
    lines += ["", f"The newest one, {Quarter.parse(drafts[-1]['quarter']).label}:"]
    for what, key in (("workbook", "workbook"), ("web page", "page"), ("tidy CSV", "data")):
        lines.append(f"  {what:<10}{report.short(Path(drafts[-1][key]))}")
    lines += ["", f"To release it: make up, then make approve QUARTER={drafts[-1]['quarter']}"]
    lines += report.heading("How long each step took")
    tasks = [task for run in done for task in run.tasks]
    lines += report.durations([*console.seconds.items(), *tasks])
    in_tasks = sum(spent for _, spent in tasks)
    lines += ["", f"All of it took {took:.0f} s, {in_tasks:.0f} s of which inside the tasks."]
    lines.append(f"What Airflow said: {report.short(console.log)}")
    return lines


if __name__ == "__main__":
    run_command(main)
