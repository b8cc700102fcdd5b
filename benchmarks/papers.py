"""How long a draft, a release candidate and the papers take: ``python -m benchmarks.papers``, a part of ``make bench``.

The sample returns of two years go through the project's own steps once. The floor reads the rows of a scorecard with
plain SQL and does nothing with them. The alternative to papers from a release's own data is to build the release from
the warehouse again. ``--save`` writes the table to ``benchmarks/results-papers.md``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from benchmarks.server import connected, machine, own_server, show_progress
from demo.samples.files import write_samples
from sia.calendar import Quarter, quarters_between
from sia.contract.model import contracts
from sia.local import postgres
from sia.papers import make
from sia.paths import PROJECT
from sia.release import draft, publishing
from sia.release.building import build_release
from sia.release.candidate import prepare
from sia.release.ledger import Decision
from sia.scorecard.amounts import lookback_quarters
from sia.settings import overridden
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia.warehouse.sql_files import statement
from tests.steps import take

RUNS = 5
_DATABASE = "benchmark_papers"
_QUARTER = Quarter(2021, 4)
_QUARTERS = quarters_between(_QUARTER.plus(-7), _QUARTER)
_STATEMENTS = ("observations", "months", "population", "returns", "revisions", "peers")
_APPROVED = Decision("approved", "unit", datetime(2022, 7, 4, 10, tzinfo=UTC), "A benchmark")


@dataclass(frozen=True)
class Job:
    """One thing that is measured, and what its time is compared with, by name."""

    name: str
    run: Callable[[], object]
    compared_with: str


@dataclass(frozen=True)
class Seconds:
    """Median seconds of one job: of the processor in this process, and by the clock."""

    processor: float
    clock: float


def main() -> None:
    """Build the warehouse, measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.papers", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each job is run")
    parser.add_argument("--save", action="store_true", help="write the table to benchmarks/results-papers.md")
    options = parser.parse_args()
    with own_server() as (server, folder, version):
        text = "\n".join([machine(version), "", *measure(server, folder / "papers", options.runs)])
    print(text)
    if options.save:
        results = PROJECT / "benchmarks" / "results-papers.md"
        results.write_text(f"# Benchmarks: draft, release candidate and papers\n\n{text}\n", encoding="utf-8")


def measure(server: postgres.Server, folder: Path, runs: int) -> list[str]:
    """Build the warehouse of the sample returns, and measure; the table.

    Args:
        server: of the benchmark.
        folder: for files; what it contains is removed.
        runs: how often each job is run.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _drop(server)
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database(_DATABASE)
    try:
        with overridden(state=folder), database.connection() as connection:
            migrate(connection)
            for quarter in _QUARTERS:
                show_progress(f"sample returns of {quarter.label}")
                write_samples(folder / "inbox", quarter)
                for name in contracts():
                    take(name, quarter.key)
            return _table(_jobs(connection, folder), runs)
    finally:
        _drop(server)


def _jobs(connection: Connection, folder: Path) -> list[Job]:
    """What is measured. A release is published first, because papers need one."""
    show_progress("a release")
    candidate = prepare(connection, _QUARTER, folder / "candidate")
    publishing.publish(connection, candidate["candidate"], _APPROVED, folder / "releases")
    known_at = datetime.now(UTC)

    def read() -> None:
        window = {"first": lookback_quarters(_QUARTER)[0].key, "last": _QUARTER.key, "known_at": "infinity"}
        with connection, connection.cursor() as cursor:
            for name in _STATEMENTS:
                cursor.execute(statement(f"marts/read_{name}"), window)
                cursor.fetchall()

    def papers() -> None:
        shutil.rmtree(folder / "papers", ignore_errors=True)
        make.csp_reports(_QUARTER, folder / "releases", folder / "papers")
        make.assessment(_QUARTER, folder / "releases", folder / "papers")

    def papers_by_rebuilding() -> None:
        build_release(connection, _QUARTER, known_at, b"")
        papers()

    return [
        Job("floor: read the rows of a scorecard", read, ""),
        Job(
            "draft", lambda: draft.draft(connection, _QUARTER, folder / "draft"), "floor: read the rows of a scorecard"
        ),
        Job(
            "release candidate, after one release", lambda: build_release(connection, _QUARTER, known_at, b""), "draft"
        ),
        Job("papers of a quarter and a year", papers, "draft"),
        Job("papers after building the release again", papers_by_rebuilding, "papers of a quarter and a year"),
    ]


def _table(jobs: list[Job], runs: int) -> list[str]:
    taken: dict[str, Seconds] = {}
    for job in jobs:
        show_progress(job.name)
        taken[job.name] = _seconds(job.run, runs)
    lines = [
        f"{_QUARTER.label} with {len(_QUARTERS)} quarters of sample returns. Medians of {runs} runs, after one run that"
        " fills the caches.",
        "Processor seconds are those of this process alone; the database's are in the seconds by the clock.",
        "",
        "| job | processor seconds | seconds by the clock | times | of |",
        "| --- | --: | --: | --: | --- |",
    ]
    for job in jobs:
        seconds = taken[job.name]
        times = f"{seconds.clock / taken[job.compared_with].clock:.1f}" if job.compared_with else ""
        lines.append(f"| {job.name} | {seconds.processor:.2f} | {seconds.clock:.2f} | {times} | {job.compared_with} |")
    return lines


def _seconds(run: Callable[[], object], runs: int) -> Seconds:
    processor, clock = [], []
    for _ in range(runs + 1):
        began, began_processor = time.perf_counter(), time.process_time()
        run()
        processor.append(time.process_time() - began_processor)
        clock.append(time.perf_counter() - began)
    return Seconds(statistics.median(processor[1:]), statistics.median(clock[1:]))


def _drop(server: postgres.Server) -> None:
    with connected(server.url) as owner, owner.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_DATABASE)))


if __name__ == "__main__":
    main()
