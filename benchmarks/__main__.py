"""``make bench``: measure, show progress and print the tables.

``--quick`` runs the large sizes fewer times. ``--full`` also measures the plain alternative at the largest size.
``--save`` writes the tables to ``benchmarks/results.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2 import sql

from benchmarks import police
from benchmarks.server import connected, machine, own_server, show_progress
from sia.local import postgres
from sia.paths import PROJECT
from sia.warehouse import database
from sia.warehouse.migrate import migrate

SIZES = (100_000, 1_000_000, 5_000_000)
RUNS = 5
QUICK_RUNS = {1_000_000: 3, 5_000_000: 1}
_TEMPLATE = "benchmark_template"
_DATABASE = "benchmark"


@dataclass(frozen=True)
class Measured:
    """A route at one size: medians over its runs."""

    route: str
    rows: int
    runs: int
    seconds: float
    steps: dict[str, float]
    megabytes: float
    imported: float


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs of the large sizes")
    parser.add_argument("--full", action="store_true", help="the plain alternative at the largest size too")
    parser.add_argument("--save", action="store_true", help="write the tables to benchmarks/results.md")
    chosen = parser.parse_args()

    with own_server() as (server, folder, version):
        _make_template(server)
        measured = [
            _measure(server, folder, route, rows, QUICK_RUNS.get(rows, RUNS) if chosen.quick else RUNS)
            for rows in SIZES
            for route in _routes(rows, full=chosen.full)
        ]
        show_progress("a quarter through Airflow")
        quarter = _quarter(folder)
    text = "\n".join([machine(version), "", *_police_table(measured), "", *_quarter_table(*quarter)])
    print(text)
    if chosen.save:
        results = PROJECT / "benchmarks" / "results.md"
        results.write_text(f"# Benchmarks\n\n{text}\n", encoding="utf-8")


def _routes(rows: int, *, full: bool) -> list[str]:
    routes = ["floor", "ours"]
    if rows <= 1_000_000 or full:
        routes.append("plain")
    # This route holds all rows in one frame: five million rows need more memory than a worker has.
    if rows <= 1_000_000:
        routes.append("naive")
    return routes


def _measure(server: postgres.Server, folder: Path, route: str, rows: int, runs: int) -> Measured:
    police.files(folder, rows)
    results = []
    for number in range(runs + 1):
        show_progress(f"{rows:>9,} rows, {route:<5} {'warm-up' if number == 0 else f'run {number} of {runs}'}")
        with _fresh_database(server) as url:
            environment = {**os.environ, "SIA_WAREHOUSE_URL": url}
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.routes", route, str(rows), str(folder)],
                env=environment,
                cwd=PROJECT,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        results.append(json.loads(done.stdout.splitlines()[-1]))
    kept = results[1:]
    return Measured(
        route,
        rows,
        runs,
        seconds=statistics.median(sum(run["steps"].values()) for run in kept),
        steps={step: statistics.median(run["steps"][step] for run in kept) for step in kept[0]["steps"]},
        megabytes=statistics.median(run["megabytes"] for run in kept),
        imported=statistics.median(run["import"] for run in kept),
    )


def _quarter(folder: Path) -> tuple[list[float], list[float], int]:
    """Seconds for each quarter with our DAGs and with empty DAGs, and the number of tasks."""
    # A new state folder, because a file that is already loaded is not loaded again.
    state = folder / "quarter"
    _remove(state)
    state.mkdir()
    try:
        ours = _run_quarters("ours", state, {})
        empty = _run_quarters("empty", state, {"SIA_EMPTY_TASKS": json.dumps(ours["tasks"])})
    finally:
        _remove(state)
    return ours["seconds"], empty["seconds"], sum(ours["tasks"].values())


def _run_quarters(which: str, state: Path, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quarter", which, str(state)],
        env={**os.environ, **environment},
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _remove(state: Path) -> None:
    if state.exists():
        postgres.stop(state)
        shutil.rmtree(state)


def _make_template(server: postgres.Server) -> None:
    with connected(server.url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_TEMPLATE)))
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database(_TEMPLATE)
    with database.connection() as connection:
        migrate(connection)


@contextmanager
def _fresh_database(server: postgres.Server) -> Iterator[str]:
    name = sql.Identifier(_DATABASE)
    with connected(server.url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(_TEMPLATE)))
        # Write out an earlier run's changes first, so that they do not slow this run down.
        cursor.execute("CHECKPOINT")
        try:
            yield server.database_url(_DATABASE)
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _police_table(measured: list[Measured]) -> list[str]:
    floors = {result.rows: result.seconds for result in measured if result.route == "floor"}
    ours = {result.rows: result.seconds for result in measured if result.route == "ours"}
    lines = [
        f"Police crime-level route ({police.source()}). Seconds do not include imports, which have their own column.",
        "Memory is the process's peak. `floor`: COPY into an unlogged text table. `plain`: pandas in chunks, Great",
        "Expectations on each frame, COPY. `naive`: read_csv, Great Expectations on the frame, to_sql.",
        "",
        "| rows | route | runs | seconds | × floor | × ours | steps | import | memory MB |",
        "| --: | --- | --: | --: | --: | --: | --- | --: | --: |",
    ]
    for result in measured:
        steps = ", ".join(f"{name} {spent:.2f}" for name, spent in result.steps.items())
        faster = "" if result.route in ("floor", "ours") else f"{result.seconds / ours[result.rows]:.1f}"
        lines.append(
            f"| {result.rows:,} | {result.route} | {result.runs} | {result.seconds:.2f} "
            f"| {result.seconds / floors[result.rows]:.1f} "
            f"| {faster} | {steps} | {result.imported:.1f} | {result.megabytes:.0f} |"
        )
    return lines


def _quarter_table(ours_each: list[float], empty_each: list[float], tasks: int) -> list[str]:
    ours, empty = statistics.median(ours_each), statistics.median(empty_each)
    return [
        f"A quarter in Airflow's in-process runner: {tasks} tasks, median of {len(ours_each)} quarters.",
        "",
        "| | seconds | a task |",
        "| --- | --: | --: |",
        f"| all ingest DAGs and the scorecard | {ours:.1f} | {ours / tasks:.2f} |",
        f"| the same number of empty tasks | {empty:.1f} | {empty / tasks:.2f} |",
        f"| difference, the cost of our tasks | {ours - empty:.1f} | {(ours - empty) / tasks:.2f} |",
    ]


if __name__ == "__main__":
    main()
