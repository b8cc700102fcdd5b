"""Random histories of releases, attacked: ``make attack`` (``python -m benchmarks.attack``).

Each history is made by the project's own protection, and attacked by the reader of ``tests/attacker``. What is done is
kept in ``var/benchmark/attack.csv``, so that a run that is stopped goes on. ``--save`` writes the table to
``benchmarks/results-attack.md``.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from benchmarks.server import show_progress
from sia.paths import PROJECT
from sia.settings import settings
from tests.attacker.attack import narrowed, small_counts
from tests.attacker.histories import THRESHOLD, history

HISTORIES = 10_000
PROCESSES = 2
PROGRESS_EVERY = 100


class Attacked(NamedTuple):
    """What was found in one history; ``left_out``: its releases without the measure, which could not be protected."""

    seed: int
    releases: int
    small: int
    exact: int
    narrow: int
    left_out: int
    offered: int
    shown: int
    seconds: float


def attacked(seed: int) -> Attacked:
    """Make a history and attack it."""
    started = time.process_time()
    record = history(seed)
    narrow = narrowed(record.printed, record.knowledge, record.truth, lambda _: THRESHOLD)
    return Attacked(
        seed=seed,
        releases=len(record.printed),
        small=small_counts(record.printed, record.knowledge, record.truth, lambda _: THRESHOLD),
        exact=sum(count.is_exact for count in narrow),
        narrow=len(narrow),
        left_out=record.left_out,
        offered=record.offered,
        shown=record.shown,
        seconds=round(time.process_time() - started, 2),
    )


def main() -> None:
    """Attack the histories that are not done yet, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    parser.add_argument("--histories", type=int, default=HISTORIES, help="how many, by their seeds from 0")
    parser.add_argument("--save", action="store_true", help="write the table to benchmarks/results-attack.md")
    options = parser.parse_args()
    file = settings().state / "benchmark" / "attack.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = _read(file)
    waiting = sorted(set(range(options.histories)) - {result.seed for result in done})
    with Pool(PROCESSES) as pool, file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        for result in pool.imap_unordered(attacked, waiting):
            done.append(result)
            writer.writerow(result)
            lines.flush()
            if result.narrow:
                show_progress(f"history {result.seed} gives {result.narrow} small counts away")
            elif len(done) % PROGRESS_EVERY == 0:
                show_progress(f"{len(done):,} of {options.histories:,} histories")
    text = "\n".join(_table([result for result in done if result.seed < options.histories]))
    print(text)
    if options.save:
        results = PROJECT / "benchmarks" / "results-attack.md"
        results.write_text(f"# Random histories of releases, attacked\n\n{text}\n", encoding="utf-8")


def _read(file: Path) -> list[Attacked]:
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return [Attacked(*map(int, row[:-1]), float(row[-1])) for row in csv.reader(lines)]


def _table(done: Sequence[Attacked]) -> list[str]:
    rows = {
        "histories": f"{len(done):,}",
        "releases": f"{sum(result.releases for result in done):,}",
        "small counts attacked": f"{sum(result.small for result in done):,}",
        "known exactly": f"{sum(result.exact for result in done):,}",
        "with a range narrower than the threshold": f"{sum(result.narrow for result in done):,}",
        "releases that left the measure out": f"{sum(result.left_out for result in done):,}",
        "counts shown": f"{sum(r.shown for r in done) / max(1, sum(r.offered for r in done)):.1%}",
        "processor seconds": f"{sum(result.seconds for result in done):,.0f}",
    }
    return ["| | |", "| --- | --: |", *(f"| {name} | {value} |" for name, value in rows.items())]


if __name__ == "__main__":
    main()
