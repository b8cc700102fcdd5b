"""``make bench``: measure, show progress, print the tables.

``--quick`` runs the large sizes fewer times, ``--full`` takes the plain alternative up to the largest size,
``--save`` writes what is printed to ``benchmarks/results.md``.
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
from benchmarks.ground import connected, machine, own_server, say
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
    """One route at one size: the median of some runs."""

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
        say("a quarter through Airflow")
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
    # All rows in one frame: five million of them take more memory than a worker has.
    if rows <= 1_000_000:
        routes.append("naive")
    return routes


def _measure(server: postgres.Server, folder: Path, route: str, rows: int, runs: int) -> Measured:
    police.files(folder, rows)
    found = []
    for number in range(runs + 1):
        say(f"{rows:>9,} rows, {route:<5} {'warm-up' if number == 0 else f'run {number} of {runs}'}")
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
        found.append(json.loads(done.stdout.splitlines()[-1]))
    kept = found[1:]
    return Measured(
        route,
        rows,
        runs,
        seconds=statistics.median(sum(one["steps"].values()) for one in kept),
        steps={step: statistics.median(one["steps"][step] for one in kept) for step in kept[0]["steps"]},
        megabytes=statistics.median(one["megabytes"] for one in kept),
        imported=statistics.median(one["import"] for one in kept),
    )


def _quarter(folder: Path) -> tuple[list[float], list[float], int]:
    """Seconds of each quarter with our DAGs and with empty ones, and the number of tasks."""
    # A state of its own: what is loaded already would not be loaded again.
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
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


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
        # What an earlier run left to be written must not be counted to this one.
        cursor.execute("CHECKPOINT")
        try:
            yield server.database_url(_DATABASE)
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _police_table(measured: list[Measured]) -> list[str]:
    floors = {one.rows: one.seconds for one in measured if one.route == "floor"}
    ours = {one.rows: one.seconds for one in measured if one.route == "ours"}
    lines = [
        f"Police crime-level route ({police.source()}). Seconds without imports, which are given apart; memory is the",
        "largest of the process. `floor` is COPY into an unlogged text table; `plain` pandas in chunks, Great",
        "Expectations on each frame, COPY; `naive` read_csv, Great Expectations on the frame, to_sql.",
        "",
        "| rows | route | runs | seconds | × floor | × ours | steps | import | memory MB |",
        "| --: | --- | --: | --: | --: | --: | --- | --: | --: |",
    ]
    for one in measured:
        steps = ", ".join(f"{name} {spent:.2f}" for name, spent in one.steps.items())
        faster = "" if one.route in ("floor", "ours") else f"{one.seconds / ours[one.rows]:.1f}"
        lines.append(
            f"| {one.rows:,} | {one.route} | {one.runs} | {one.seconds:.2f} | {one.seconds / floors[one.rows]:.1f} "
            f"| {faster} | {steps} | {one.imported:.1f} | {one.megabytes:.0f} |"
        )
    return lines


def _quarter_table(ours_each: list[float], empty_each: list[float], tasks: int) -> list[str]:
    ours, empty = statistics.median(ours_each), statistics.median(empty_each)
    return [
        f"A quarter through Airflow's in-process runner: {tasks} tasks, median of {len(ours_each)} quarters.",
        "",
        "| | seconds | a task |",
        "| --- | --: | --: |",
        f"| all ingest DAGs and the scorecard | {ours:.1f} | {ours / tasks:.2f} |",
        f"| as many tasks that do nothing | {empty:.1f} | {empty / tasks:.2f} |",
        f"| the difference is ours | {ours - empty:.1f} | {(ours - empty) / tasks:.2f} |",
    ]


if __name__ == "__main__":
    main()
