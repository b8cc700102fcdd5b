"""What a reader with this code finds of small counts, with a release's seed and without: ``python -m benchmarks.seed``.

Each table is one row of districts with the county's total. The reader tries every row that fits what is published, and
keeps those that the code would have hidden in the same places: with the seed, or with any of some seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from functools import cache
from itertools import combinations, pairwise

import numpy as np

from sia import geography
from sia.disclosure.additive import DisclosureCell, Span
from sia.disclosure.attack import KnownSum
from sia.disclosure.suppression import protect
from sia.scorecard.protection import chance_cost

THRESHOLD = 5
GUESSES = tuple(bytes([number]) * 8 for number in range(16))
SPAN = Span(24264, 24267)
COUNTY = DisclosureCell("made_up", geography.areas().county.code, SPAN)
DISTRICTS = [DisclosureCell("made_up", district.code, SPAN) for district in geography.areas().districts]
Row = tuple[int, ...]


@cache
def hidden_in(row: Row, seed: bytes) -> frozenset[DisclosureCell]:
    """What a release with a seed hides of a row and its total."""
    districts = DISTRICTS[: len(row)]
    counts = {COUNTY: sum(row), **dict(zip(districts, row, strict=True))}
    cost = chance_cost(geography.areas(), seed)
    return protect(counts, [KnownSum(COUNTY, tuple(districts))], lambda _: THRESHOLD, cost=cost).hidden


def values_left(row: Row, seed: bytes, guesses: Collection[bytes]) -> list[int]:
    """For each small count of a row, how many values a reader cannot exclude; no more than the threshold is counted."""
    hidden = hidden_in(row, seed)
    columns = [column for column in range(len(row)) if DISTRICTS[column] in hidden]
    left: dict[int, set[int]] = {column: set() for column in columns if row[column] < THRESHOLD}
    for parts in _in_parts(sum(row[column] for column in columns), len(columns)):
        tried = list(row)
        for column, part in zip(columns, parts, strict=True):
            tried[column] = part
        if all(tried[column] in values or len(values) >= THRESHOLD for column, values in left.items()):
            continue
        if any(hidden_in(tuple(tried), guess) == hidden for guess in guesses):
            for column, values in left.items():
                values.add(tried[column])
    return [len(values) for values in left.values()]


def _in_parts(total: int, parts: int) -> Iterator[list[int]]:
    """Every way to divide a total into parts of at least 1, in order."""
    for bars in combinations(range(1, total), parts - 1):
        yield [after - before for before, after in pairwise((0, *bars, total))]


def main() -> None:
    """Print the share of small counts of which fewer values are left than the threshold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seed", description=__doc__)
    parser.add_argument("--tables", type=int, default=25)
    options = parser.parse_args()
    random = np.random.default_rng(5)
    left: dict[str, list[int]] = {"with the seed": [], "without it": []}
    tables = 0
    while tables < options.tables:
        row = tuple(int(count) for count in random.poisson(random.choice([3, 6, 10], size=random.integers(3, 6))))
        seed = random.bytes(8)
        if not any(0 < count < THRESHOLD for count in row) or sum(row) > 45 or COUNTY in hidden_in(row, seed):
            continue
        tables += 1
        left["with the seed"] += values_left(row, seed, [seed])
        left["without it"] += values_left(row, seed, [*GUESSES, seed])
    for reader, numbers in left.items():
        narrow = np.mean(np.array(numbers) < THRESHOLD)
        print(
            f"{reader}: {len(numbers)} small counts of {tables} rows, {narrow:.0%} with fewer values than {THRESHOLD}"
        )


if __name__ == "__main__":
    main()
