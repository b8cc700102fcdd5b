"""The whole feasible range of every hidden count, two programs each: what the tests hold a release against.

A release asks only whether ranges are wide enough (``narrow``), and remembers what earlier programs found: a tenth of
the work. This remembers nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf
from typing import NamedTuple

from sia.disclosure.attack import K, KnownSum, Unknowns, unknowns


class Range(NamedTuple):
    """The smallest and the largest count that fit; ``upper`` is infinite where nothing bounds it."""

    lower: int
    upper: float

    @property
    def width(self) -> float:
        """From end to end: one less than the whole numbers between them, ends included."""
        return self.upper - self.lower


def attack(
    published: Mapping[K, int],
    groups: Collection[KnownSum[K]],
    hidden: Collection[K] = (),
    not_zero: Collection[K] = (),
) -> dict[K, Range]:
    """The feasible range of each hidden count.

    Args:
        published: every count that a reader may have, from this release and earlier ones.
        groups: every sum that a reader may know.
        hidden: hidden counts that may be in no sum; what is in a sum and not published is hidden anyway.
        not_zero: hidden counts of which the reader knows that they are not 0.

    Raises:
        ValueError: the published figures contradict each other.
    """
    for group in groups:
        if all(key in published for key in group.members) and published[group.total] != sum(
            published[part] for part in group.parts
        ):
            raise ValueError("the published figures contradict each other")
    ranges: dict[K, Range] = {key: Range(int(key in not_zero), inf) for key in hidden if key not in published}
    for part in unknowns(published, groups, not_zero):
        ranges |= {key: _range(part, key) for key in part.keys}
    return ranges


def _range(part: Unknowns[K], key: K) -> Range:
    column = part.keys.index(key)
    lowest, highest = part.extreme(key, -1), part.extreme(key, 1)
    return Range(
        int(lowest[column]) if lowest is not None else int(part.least[column]),
        inf if highest is None else int(highest[column]),
    )
