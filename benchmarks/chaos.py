"""Faults by the hundred: ``make chaos`` (``python -m benchmarks.chaos``).

Each trial of ``tests/resilience/faults.py`` sends one return, lets one fault strike at one event of its way, and asks
whether it ended as if nothing had happened. Those of ``tests/resilience/service_kills.py`` kill a service of Airflow
meanwhile. ``--save`` writes the tables to ``benchmarks/results-chaos.md``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks.server import machine, own_server, show_progress
from sia.calendar import LONDON
from sia.local import postgres
from sia.paths import PROJECT
from sia.warehouse import database, migrate
from tests.resilience.faults import Fault, Place, Trial, number_of_events, small_disk, try_fault
from tests.resilience.service_kills import Killed, KillTrial, running, try_kill

# How many events of the way of an accepted, and of a refused return, each fault is tried at.
TRIALS = {
    True: {Fault.READER: 8, Fault.KILL: 70, Fault.SESSIONS: 30, Fault.DISK: 15, Fault.FULL: 15, Fault.MOUNT: 15,
           Fault.CRASH: 15, Fault.NO_MAIL: 2, Fault.REFUSAL: 2, Fault.ABORT: 2},
    False: {Fault.READER: 4, Fault.KILL: 25, Fault.SESSIONS: 10, Fault.DISK: 5, Fault.FULL: 5, Fault.MOUNT: 5,
            Fault.CRASH: 5, Fault.NO_MAIL: 1, Fault.REFUSAL: 1, Fault.ABORT: 1},
}  # fmt: skip
KILLS = {Killed.SCHEDULER: 2, Killed.TRIGGERER: 2, Killed.DAG_PROCESSOR: 2, Killed.WORKER: 2, Killed.EVERY_WORKER: 1}
ABOUT_KILLS = (
    "returns, during each of which a real service of Airflow was killed (SIGKILL), and started again as its restart"
    " policy does. *Worker*: the process of the task and its parent. *Every worker*: also those that wait for a task."
    " Airflow's queue can then stay locked: the watchdog tells the unit to restart the services, and the trial"
    " does what it says. Airflow notices a task without a process after 20 seconds here, and after five minutes"
    " otherwise."
)
NO_SMALL_DISK = "Only root may mount the small disk, so no disk was full."
KINDS = ("lost", "doubled", "stuck", "wrong", "left")
PROGRESS_EVERY = 10


def planned(events: dict[bool, int], *, may_be_full: bool) -> Iterator[tuple[Fault, int, bool]]:
    """Every trial: the fault, the event at which it strikes, and whether the return is to be accepted.

    Args:
        events: how many events an accepted, and a refused, return has.
        may_be_full: whether the disk is one that can be full.
    """
    for accepted, counts in TRIALS.items():
        for fault, count in counts.items():
            for trial in range(count if may_be_full or fault is not Fault.FULL else 0):
                yield fault, 1 + trial * events[accepted] // count, accepted


def crash(folder: Path) -> None:
    """End PostgreSQL at once, without a word to anybody, and start it again on its port."""
    prefix, options = postgres._as_user()
    subprocess.run(
        [*prefix, str(postgres.bindir() / "pg_ctl"), "-D", str((folder / "postgres" / "data").resolve()),
         "-m", "immediate", "-w", "-t", "60", "restart"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options,
    )  # fmt: skip


def table(trials: Iterable[Trial]) -> str:
    """The trials by fault and step, with the number of those that did not end right."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    for trial in trials:
        row = rows.setdefault((trial.fault.value, trial.struck_in or "sending"), Counter())
        row.update(["tried", *{wrong.partition(":")[0] for wrong in trial.wrong}])
        row["reported"] += bool(trial.reported)
    lines = [
        f"| fault | in the step | tried | {' | '.join(KINDS)} | unit gets an email |",
        "| --- | --- |" + " ---: |" * 7,
    ]
    for (fault, step), row in sorted(rows.items()):
        numbers = (row["tried"], *(row[kind] for kind in KINDS), row["reported"])
        lines.append(f"| {fault} | `{step}` | {' | '.join(map(str, numbers))} |")
    total = sum(rows.values(), Counter())
    numbers = (total["tried"], *(total[kind] for kind in KINDS), total["reported"])
    return "\n".join([*lines, f"| all | | {' | '.join(map(str, numbers))} |"])


def kills_table(trials: Iterable[KillTrial]) -> str:
    """The kills of services: the task during which each struck, and how it ended."""
    lines = [
        "| killed | during the task | wrong | unit gets an email | seconds until the letter was sent |",
        "| --- | --- | --- | --- | ---: |",
    ]
    for trial in trials:
        ended = (trial.struck_in, "; ".join(trial.wrong) or "nothing", "yes" if trial.was_restarted else "no")
        lines.append(f"| {trial.killed.value} | {' | '.join(ended)} | {trial.seconds:.0f} |")
    return "\n".join(lines)


def run_kills() -> list[KillTrial]:
    """Kill each of Airflow's services, one after the other."""
    trials = []
    with tempfile.TemporaryDirectory(prefix="sia-kills-") as folder, running(Path(folder)) as services:
        for killed in Counter(KILLS).elements():
            # The number is the works cost of the return, which may be 5,000 at most.
            trials.append(try_kill(services, 4001 + len(trials), killed))
            show_progress(f"{len(trials)} of {sum(KILLS.values())} kills of services")
    return trials


def run() -> tuple[list[Trial], bool, str]:
    """Run all trials of faults. Returns them, whether the disk could be full, and the machine they ran on."""
    with (
        own_server() as (server, folder, version),
        tempfile.TemporaryDirectory(prefix="sia-chaos-") as state,
        small_disk(Path(state)) as may_be_full,
    ):
        os.environ["SIA_STATE"] = state
        os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database(f"chaos_{os.getpid()}")
        with database.connection() as connection:
            migrate.migrate(connection)
        place = Place(Path(state), partial(crash, folder))
        events = {accepted: number_of_events(place, 100 + accepted, accepted=accepted) for accepted in TRIALS}
        plan = list(planned(events, may_be_full=may_be_full))
        trials = []
        for number, (fault, event, accepted) in enumerate(plan, 1):
            trials.append(try_fault(place, 1000 + number, fault, event, accepted=accepted))
            if trials[-1].wrong:
                print(f"{fault.value}, event {event}, {trials[-1].struck_in}: {trials[-1].wrong}", flush=True)
            if number % PROGRESS_EVERY == 0:
                show_progress(f"{number} of {len(plan)} faults")
        return trials, may_be_full, machine(version)


def main() -> None:
    """Run all trials, print the table, and save it if asked. The exit status is 1 if one did not end right."""
    options = argparse.ArgumentParser()
    options.add_argument("--save", action="store_true", help="write benchmarks/results-chaos.md")
    arguments = options.parse_args()
    started = time.monotonic()
    trials, may_be_full, described = run()
    kills = run_kills()
    text = table(trials) if may_be_full else f"{NO_SMALL_DISK}\n\n{table(trials)}"
    kills_text = kills_table(kills)
    print(f"{text}\n\n{kills_text}")
    if arguments.save:
        (PROJECT / "benchmarks" / "results-chaos.md").write_text(
            f"# Faults\n\n{len(trials)} returns, each with one fault on its way from the inbox to the sent letter"
            f" (`make chaos`). {described} On {datetime.now(LONDON).date()}, in"
            f" {(time.monotonic() - started) / 60:.0f} minutes.\n\n"
            "*Lost*, *doubled*, *stuck* and *wrong* are about the return, its figures and its letter. *Left*: staged"
            " rows or unfinished files. *Unit gets an email*: Airflow does not try such an error again, and writes"
            " to the unit."
            f"\n\n{text}\n\n"
            f"## Airflow's services\n\n{len(kills)} {ABOUT_KILLS}"
            f"\n\n{kills_text}\n",
            encoding="utf-8",
        )
    sys.exit(any([trial.wrong for trial in trials] + [trial.wrong for trial in kills]))


if __name__ == "__main__":
    main()
