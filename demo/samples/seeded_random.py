"""Seeded random numbers: the same name always draws the same numbers, on any machine.

Uses only ``random.Random``, whose numbers for a given seed do not change between versions of Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from math import exp, sqrt
from random import Random

from demo.samples.published import Cell, Figure
from sia.calendar import Quarter, is_working_day

_SEED = "oscp samples 2017/18 to 2021/22"


def rng_for(*names: object) -> Random:
    """A random number generator, seeded with the names."""
    return Random("/".join([_SEED, *map(str, names)]))  # noqa: S311 - nothing here is secret


def about(rng: Random, level: float) -> int:
    """A random count of independent events, with a mean of ``level`` (Poisson)."""
    if level > 30:
        return max(0, round(rng.gauss(level, sqrt(level))))
    limit, product, count = exp(-level), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def some_of(rng: Random, number: int, share: float) -> int:
    """How many of ``number`` items a share of them comes to, at random (binomial)."""
    return sum(rng.random() < share for _ in range(number))


def share_out(rng: Random, total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A total split at random among names, in proportion to their weights."""
    drawn = Counter(rng.choices(list(weights), list(weights.values()), k=total))
    return {name: drawn[name] for name in weights}


def agree(
    rng: Random, levels: Mapping[Cell, float], targets: Iterable[tuple[Collection[Cell], int]]
) -> dict[Cell, int]:
    """Random counts near each cell's level, whose sums match the targets.

    The smallest targets are met first. A larger target shares what is left among the cells that no smaller target
    has settled. A cell without a target gets a random count.

    Raises:
        ValueError: the targets contradict each other.
    """
    settled: dict[Cell, int] = {}
    for cells, total in sorted(targets, key=lambda target: len(target[0])):
        free = [cell for cell in cells if cell not in settled]
        left = total - sum(settled[cell] for cell in cells if cell in settled)
        if left < 0 or (left and not free):
            raise ValueError(f"published totals contradict each other: {left} is left for {len(free)} cells")
        drawn = Counter(rng.choices(free, [levels[cell] for cell in free], k=left)) if left else Counter()
        settled.update({cell: drawn[cell] for cell in free})
    return {cell: settled[cell] if cell in settled else about(rng, level) for cell, level in levels.items()}


def targets(figures: Iterable[Figure], cells: Iterable[Cell]) -> list[tuple[list[Cell], int]]:
    """The targets for :func:`agree`: the cells that each published figure covers, with its value."""
    known = list(cells)
    covered = [([c for c in known if figure.covers(c.quarter, c.area)], figure.value) for figure in figures]
    return [(cells_of_figure, total) for cells_of_figure, total in covered if cells_of_figure]


def working_days(first: date, last: date) -> list[date]:
    """The working days from the first day to the last, including both."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_working_day(day)]


def day_in(rng: Random, quarter: Quarter) -> date:
    """A random working day of a quarter."""
    return rng.choice(working_days(quarter.start, quarter.end))


def exactly(rng: Random, number: int, among: int) -> set[int]:
    """The positions of ``number`` items, chosen at random from ``among`` items."""
    return set(rng.sample(range(among), number))
