"""How often a verdict is false, and how often a real change is found: ``make calibrate``.

Series are made up, each from its own seed, over a grid of levels, seasons, spreads and lengths. Three methods judge the
last twelve months of each: the project's (``statistics.change``), a plain rate ratio, and the control chart alone. Each
cell of the grid is a line of ``var/calibration.csv``; a run that was stopped goes on where it was. The table is written
to ``benchmarks/results-calibration.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, astuple, dataclass, fields, replace
from itertools import product
from math import isnan, log, nan, sqrt
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import binom, gamma, norm, t

from sia.statistics.change import judge_change
from sia.statistics.control_chart import control_chart

Array = NDArray[np.float64]

RESULTS = Path("benchmarks/results-calibration.md")
CELLS = Path("var/calibration.csv")
PROCESSES = 2
LIMIT = 0.01
"""A verdict is false, or a change found, if its chance is at most this."""

DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
HOLE = 12
"""Months of a hole like that of the pandemic, in the middle of the earlier years, at 60% of the level."""


@dataclass(frozen=True)
class Case:
    """What a made-up series is like.

    ``mean``: a month. ``season``: how far the peak is above the mean. ``dispersion``: variance to mean.
    ``lasting``: the correlation of the rate with that of the next month. ``shape``: whole, gaps, break (a declared one,
    a third into the series), or hole (a time that is set aside). ``rise``: how many times the level is in the last
    ``rising`` months.
    """

    mean: float
    season: float = 0.0
    dispersion: float = 1.0
    lasting: float = 0.0
    months: int = 60
    shape: str = "whole"
    rise: float = 1.0
    rising: int = 12


@dataclass(frozen=True)
class Tally:
    """Of so many series: in how many a method speaks, and in how many each finds a change."""

    series: int = 0
    speaks: int = 0
    project: int = 0
    rate_ratio: int = 0
    chart: int = 0


def make_series(case: Case, seed: int) -> tuple[Array, Array, list[int]]:
    """Counts (NaN in gaps), days of the months, and the indices of the months to be set aside; it ends a quarter."""
    random = np.random.default_rng((crc32(repr(case).encode()), seed))
    index = np.arange(case.months)
    month = (index - case.months + 3 * int(random.integers(4))) % 12
    days = DAYS[month].astype(float)
    level = case.mean * days / days.mean() * (1 + case.season * np.cos(2 * np.pi * (month - 6) / 12))
    if case.dispersion > 1:
        variance = (case.dispersion - 1) / case.mean
        noise = random.normal(size=case.months + 30)
        path = lfilter([sqrt(1 - case.lasting**2)], [1, -case.lasting], noise)[30:]
        level *= gamma.ppf(norm.cdf(path), 1 / variance, scale=variance)
    level[case.months - case.rising :] *= case.rise
    third, hole = case.months // 3, []
    if case.shape == "break":
        level[:third] *= 1.5
    if case.shape == "hole":
        start = max(0, (case.months - 12 - HOLE) // 2)
        hole = list(range(start, min(start + HOLE, case.months - 12)))
        level[hole] *= 0.6
    counts = random.poisson(level).astype(float)
    if case.shape == "break":
        return counts[third:], days[third:], []
    if case.shape == "gaps":
        counts[:-1][random.random(case.months - 1) < 0.1] = nan
    return counts, days, hole


def rate_ratio_chance(counts: Array, days: Array, hole: Sequence[int]) -> float:
    """The smaller chance of a plain rate ratio: year against earlier years, quarter against the same quarters.

    Exact below 50 on a side, else a t test of its logarithm with the Pearson dispersion, which is at least 1. Whole
    earlier years only. NaN where there is none.
    """
    length = len(counts)
    index = np.arange(length)
    position = (index - length) % 12
    known = ~np.isnan(counts)
    known[list(hole)] = False
    chances = [nan]
    for months, chosen in ((12, known), (3, known & (position >= 9))):
        last = known & (index >= length - months)
        before = chosen & (index < length - 12) & (index >= length % 12)
        if not last.any() or not before.any() or not counts[before].any():
            continue
        seen, earlier = counts[last].sum(), counts[before].sum()
        share = days[last].sum() / (days[last].sum() + days[before].sum())
        if min(seen, earlier) < 50:
            whole = seen + earlier
            chances.append(2 * min(binom.cdf(seen, whole, share), binom.sf(seen - 1, whole, share)))
            continue
        used = last | before
        season = np.bincount(position[used], counts[used], 12) / np.maximum(
            np.bincount(position[used], days[used], 12), 1
        )
        mean = days * season[position]
        for side in (last, before):
            mean[side] *= counts[side].sum() / mean[side].sum()
        degrees = int(used.sum() - len(np.unique(position[used])) - 1)
        if degrees > 0:
            square = ((counts - mean)[used] ** 2 / mean[used]).sum()
            error = sqrt(max(1.0, square / degrees) * (1 / seen + 1 / earlier))
            distance = abs(log(seen / earlier * (1 - share) / share)) / error
            chances.append(2 * t.sf(distance, degrees))
    return float(np.nanmin(chances)) if len(chances) > 1 else nan


def tally(case: Case, series: int) -> Tally:
    """Judge so many series of a kind."""
    speaks = project = ratio = chart = 0
    for seed in range(series):
        counts, days, hole = make_series(case, seed)
        chance = judge_change(counts, days, 12, set_aside=hole).chance
        speaks += not isnan(chance)
        project += chance <= LIMIT
        ratio += rate_ratio_chance(counts, days, hole) <= LIMIT
        chart += bool(control_chart(counts / days).latest_signals)
    return Tally(series, speaks, project, ratio, chart)


def steady_cases() -> Iterator[Case]:
    """Series in which nothing changes."""
    spreads = [(1.0, 0.0), *product((2.0, 4.0), (0.0, 0.2, 0.4))]
    for mean, season, (dispersion, lasting), months, shape in product(
        (0.5, 1, 3, 10, 50, 300, 1300, 5000),
        (0.0, 0.2, 0.4),
        spreads,
        (12, 24, 36, 60, 120, 180),
        ("whole", "gaps", "break", "hole"),
    ):
        yield Case(mean, season, dispersion, lasting, months, shape)


def changed_cases() -> Iterator[Case]:
    """Series of five years that change in their last twelve months, or in the last three."""
    for mean, season, (rise, rising) in product(
        (3, 10, 50, 300, 1300), (0.0, 0.2), ((1.1, 12), (1.2, 12), (1.3, 12), (0.7, 12), (1.2, 3))
    ):
        yield Case(mean, season, rise=rise, rising=rising)
        yield Case(mean, season, dispersion=2.0, lasting=0.2, rise=rise, rising=rising)


def run(steady: int = 10, changed: int = 200) -> None:
    """Judge every cell that is not kept yet, and write the table."""
    wanted = [(case, steady) for case in steady_cases()] + [(case, changed) for case in changed_cases()]
    done = kept()
    todo = [(case, series) for case, series in wanted if case not in done]
    CELLS.parent.mkdir(parents=True, exist_ok=True)
    heads = [field.name for kind in (Case, Tally) for field in fields(kind)]
    with CELLS.open("a", newline="", encoding="utf-8") as file, ProcessPoolExecutor(PROCESSES) as pool:
        writer = csv.writer(file, lineterminator="\n")
        if not done:
            writer.writerow(heads)
        for (case, _), cell in zip(
            todo, pool.map(tally, *zip(*todo, strict=True), chunksize=8) if todo else (), strict=True
        ):
            writer.writerow([*astuple(case), *astuple(cell)])
            file.flush()
    RESULTS.write_text(report(kept()), encoding="utf-8")


def kept() -> dict[Case, Tally]:
    """The cells of earlier runs."""
    if not CELLS.exists():
        return {}
    with CELLS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        Case(
            *(float(row[name]) for name in ("mean", "season", "dispersion", "lasting")),
            int(row["months"]),
            row["shape"],
            float(row["rise"]),
            int(row["rising"]),
        ): Tally(*(int(row[field.name]) for field in fields(Tally)))
        for row in rows
    }


def report(cells: dict[Case, Tally]) -> str:
    """The table, as Markdown."""
    steady = {case: cell for case, cell in cells.items() if case.rise == 1}
    changed = {case: cell for case, cell in cells.items() if case.rise != 1}
    total = _sum(steady.values())
    lines = [
        "# How often a verdict errs",
        "",
        "`make calibrate` writes this table. `benchmarks/calibrate.py` says how series are made and judged.",
        "*Project* is the method of `statistics.change` at a chance of 1 in 100, before the false discoveries of a",
        "scorecard are controlled. *Rate ratio* is a plain one, at 1 in 100 for each of its two comparisons. *Chart*",
        "is the control chart by month alone.",
        "",
        "## Nothing changed: false verdicts",
        "",
        f"{total.series:,} series. Per cent of all. *Speaks*: in so many the project's method can tell.",
        "",
        "| | series | speaks | project | rate ratio | chart |",
        "| --- | --- | --- | --- | --- | --- |",
        _line("all", total),
    ]
    groups: list[tuple[str, Callable[[Case], str]]] = [
        ("mean a month", lambda case: f"{case.mean:g}"),
        ("season", lambda case: f"{100 * case.season:g}%"),
        ("dispersion, lasting", lambda case: f"{case.dispersion:g}, {case.lasting:g}"),
        ("months", lambda case: str(case.months)),
        ("shape", lambda case: case.shape),
    ]
    for name, key in groups:
        lines += [_line(f"{name} {value}", cell) for value, cell in _grouped(steady, key).items()]
    lines += [
        "",
        "## The level changed: found",
        "",
        "Per cent of 400 series of five years each, half of them with a season of 20%.",
        "",
        "| change | mean | spread | project | rate ratio | chart |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    by_change = _grouped(
        changed,
        lambda case: (
            f"{100 * (case.rise - 1):+.0f}% for {case.rising} months | {case.mean:g} | "
            f"{case.dispersion:g}, {case.lasting:g}"
        ),
    )
    lines += [
        f"| {name} | {_per_cent(cell.project, cell.series)} | {_per_cent(cell.rate_ratio, cell.series)} |"
        f" {_per_cent(cell.chart, cell.series)} |"
        for name, cell in by_change.items()
    ]
    return "\n".join(lines) + "\n"


def _grouped(cells: dict[Case, Tally], key: Callable[[Case], str]) -> dict[str, Tally]:
    groups: dict[str, list[Tally]] = {}
    for case, cell in cells.items():
        groups.setdefault(key(case), []).append(cell)
    return {name: _sum(group) for name, group in groups.items()}


def _sum(cells: Iterable[Tally]) -> Tally:
    total = Tally()
    for cell in cells:
        total = replace(total, **{name: value + getattr(total, name) for name, value in asdict(cell).items()})
    return total


def _line(name: str, cell: Tally) -> str:
    return (
        f"| {name} | {cell.series:,} | {_per_cent(cell.speaks, cell.series)} | {_per_cent(cell.project, cell.series)} |"
        f" {_per_cent(cell.rate_ratio, cell.series)} | {_per_cent(cell.chart, cell.series)} |"
    )


def _per_cent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


if __name__ == "__main__":
    run()
