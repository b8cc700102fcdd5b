"""What a reader can work out of hidden counts from the published ones and the sums that join them.

The reader knows every published count, and which counts add up to which. The reader knows that counts are whole numbers
and not negative, and that a hidden count is not 0 where zeros are shown. For each hidden count the smallest and the
largest value that fit are two linear programs (the auditing problem of Fischetti and Salazar-González 2001, Management
Science 47:1008), solved by HiGHS. Where a program's answer is not in whole numbers, an integer program answers. Hidden
counts that no chain of sums joins are solved apart. ``narrow`` asks no more programs than it takes to know that a range
is wide enough; the tests have one that works out every range, and hold it against every table that there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

K = TypeVar("K", bound=Hashable)

_HAIR = 1e-6
_OPTIMAL, _INFEASIBLE = 0, 2
_BOUND_ROUNDS = 4
"""How often bounds are passed on from sum to sum: more rounds prove little more."""


class KnownSum(NamedTuple, Generic[K]):
    """A sum that readers know: the total is its parts together. One part alone is the total itself."""

    total: K
    parts: tuple[K, ...]

    @property
    def members(self) -> tuple[K, ...]:
        """Total and parts."""
        return (self.total, *self.parts)

    def __str__(self) -> str:
        return f"{self.total} = {' + '.join(map(str, self.parts))}"


def holds(group: KnownSum[K], counts: Mapping[K, int]) -> bool:
    """Whether the parts of a sum add up to its total."""
    return counts[group.total] == sum(counts[part] for part in group.parts)


@dataclass(frozen=True)
class Unknowns(Generic[K]):
    """Hidden counts that sums join: ``matrix @ counts == constant``, a row for each of ``groups``.

    ``least``: the smallest value that readers think possible of each count.
    """

    keys: tuple[K, ...]
    matrix: csr_array
    constant: np.ndarray
    groups: tuple[KnownSum[K], ...]
    least: np.ndarray

    def extreme(self, key: K, direction: int, ceiling: np.ndarray | float = inf) -> np.ndarray | None:
        """All counts where one of them is largest (``direction`` 1) or smallest (-1); none if it has no bound.

        Args:
            key: the count.
            direction: which end of its range.
            ceiling: the largest value of any count.

        Raises:
            ValueError: no counts fit what is published.
        """
        solution = self._solve(self._towards(key, direction), ceiling, whole=False)
        if solution.status == _OPTIMAL and not is_whole(solution.x):
            solution = self._solve(self._towards(key, direction), ceiling, whole=True)
        if solution.status == _OPTIMAL:
            counts: np.ndarray = np.rint(solution.x).astype(int)
            return counts
        # HiGHS's presolve may leave open whether there is no bound or no solution at all.
        nowhere = np.zeros(len(self.keys))
        if solution.status == _INFEASIBLE or self._solve(nowhere, ceiling, whole=True).status != _OPTIMAL:
            raise ValueError("the published figures contradict each other")
        return None

    def outer_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Bounds that no count exceeds, often wider than its range: what each sum leaves for it."""
        sums, column, sign = self.matrix.tocoo().row, self.matrix.indices, self.matrix.data
        low, high = self.least.astype(float), np.full(len(self.keys), inf)
        for _ in range(_BOUND_ROUNDS):
            smallest, largest = (
                sign * np.where(sign > 0, *ends) for ends in ((low[column], high[column]), (high[column], low[column]))
            )
            most, least = self._left_over(sums, smallest, inf), self._left_over(sums, largest, -inf)
            narrower_low, narrower_high = low.copy(), high.copy()
            np.maximum.at(narrower_low, column, np.where(sign > 0, least, most) / sign)
            np.minimum.at(narrower_high, column, np.where(sign > 0, most, least) / sign)
            if np.array_equal(low, narrower_low) and np.array_equal(high, narrower_high):
                break
            low, high = narrower_low, narrower_high
        return low, high

    def _left_over(self, sums: np.ndarray, terms: np.ndarray, unknown: float) -> np.ndarray:
        """What the sums leave for each of their terms after the others; ``unknown`` if another is infinite."""
        infinite = np.isinf(terms)
        finite = np.where(infinite, 0.0, terms)
        size = len(self.constant)
        others = np.bincount(sums, finite, size)[sums] - finite
        infinite_others = np.bincount(sums, infinite, size)[sums] - infinite
        return np.where(infinite_others > 0, unknown, self.constant[sums] - others)

    def sums_behind(self, key: K) -> tuple[KnownSum[K], ...]:
        """The sums by which a count is bounded: those whose shadow price is not 0 in either program."""
        used = np.zeros(len(self.groups), dtype=bool)
        for direction in (-1, 1):
            objective = self._towards(key, direction)
            bounds = np.column_stack([self.least, np.full(len(self.keys), inf)])
            solution = linprog(objective, A_eq=self.matrix, b_eq=self.constant, bounds=bounds, method="highs")
            if solution.status == _OPTIMAL:
                used |= np.abs(solution.eqlin.marginals) > _HAIR
        return tuple(group for group, is_used in zip(self.groups, used, strict=True) if is_used)

    def given(self, seen: Mapping[K, int]) -> Iterator[Unknowns[K]]:
        """What is still unknown when some of the counts are seen, in parts that no sum joins."""
        is_hidden = np.array([key not in seen for key in self.keys], dtype=bool)
        counts = np.array([seen.get(key, 0) for key in self.keys], dtype=float)
        constant = self.constant - self.matrix @ counts
        hidden = np.flatnonzero(is_hidden)
        entries = self.matrix.tocoo()
        stays = is_hidden[entries.col]
        rows, columns, signs = entries.row[stays], np.searchsorted(hidden, entries.col[stays]), entries.data[stays]
        # Counts come before sums among the nodes of the graph, so that the labels of counts are the first ones.
        nodes = len(hidden) + len(constant)
        _, label = connected_components(
            coo_array((np.ones(len(rows)), (columns, len(hidden) + rows)), shape=(nodes, nodes)), directed=False
        )
        own_columns = _by_label(label[: len(hidden)])
        own_entries = _by_label(label[columns], len(own_columns))
        for own, part in zip(own_columns, own_entries, strict=True):
            sums, row = np.unique(rows[part], return_inverse=True)
            column = np.searchsorted(own, columns[part])
            yield Unknowns(
                keys=tuple(self.keys[index] for index in hidden[own]),
                matrix=csr_array((signs[part], (row, column)), shape=(len(sums), len(own))),
                constant=constant[sums],
                groups=tuple(self.groups[index] for index in sums),
                least=self.least[hidden[own]],
            )

    def _towards(self, key: K, direction: int) -> np.ndarray:
        objective = np.zeros(len(self.keys))
        objective[self.keys.index(key)] = -direction
        return objective

    def _solve(self, objective: np.ndarray, ceiling: np.ndarray | float, *, whole: bool) -> OptimizeResult:
        return milp(
            objective,
            constraints=LinearConstraint(self.matrix, self.constant, self.constant),
            bounds=Bounds(self.least, ceiling),
            integrality=np.full(len(self.keys), int(whole)),
        )


def _by_label(labels: np.ndarray, size: int = 0) -> list[np.ndarray]:
    """For each label from 0, the places that have it, in their order."""
    ends = np.cumsum(np.bincount(labels, minlength=size))
    return np.split(np.argsort(labels, kind="stable"), ends[:-1]) if len(ends) else []


def is_whole(numbers: np.ndarray) -> bool:
    """Whether numbers are whole but for the solver's tolerance."""
    return bool(np.abs(numbers - np.rint(numbers)).max(initial=0) < _HAIR)


def unknowns(
    published: Mapping[K, int], groups: Iterable[KnownSum[K]], not_zero: Collection[K] = frozenset()
) -> Iterator[Unknowns[K]]:
    """The counts that are in sums but not published, in parts that no sum joins.

    Args:
        published: every count that readers know.
        groups: every sum that readers know.
        not_zero: the counts of which readers know that they are not 0; a set, for it is asked for each count.
    """
    joined: dict[K, K] = {}

    def root(key: K) -> K:
        while joined.setdefault(key, key) != key:
            joined[key] = key = joined[joined[key]]
        return key

    with_unknowns = []
    for group in dict.fromkeys(groups):
        hidden = [key for key in group.members if key not in published]
        for key in hidden:
            joined[root(key)] = root(hidden[0])
        if hidden:
            with_unknowns.append((group, hidden))
    keys: dict[K, dict[K, int]] = defaultdict(dict)
    sums: dict[K, list[KnownSum[K]]] = defaultdict(list)
    for group, hidden in with_unknowns:
        part = root(hidden[0])
        sums[part].append(group)
        for key in hidden:
            keys[part].setdefault(key, len(keys[part]))
    for part, column in keys.items():
        matrix = np.zeros((len(sums[part]), len(column)))
        constant = np.zeros(len(sums[part]))
        for row, group in enumerate(sums[part]):
            for key, sign in ((group.total, -1), *((key, 1) for key in group.parts)):
                if key in column:
                    matrix[row, column[key]] += sign
                else:
                    constant[row] -= sign * published[key]
        least = np.array([int(key in not_zero) for key in column])
        yield Unknowns(tuple(column), csr_array(matrix), constant, tuple(sums[part]), least)


class Fits(Generic[K]):
    """Sets of counts that fit what is published, met while solving: each widens what is known of every range.

    A set fits whenever all the counts in which it differs from the truth are hidden, so that what was met with
    fewer counts hidden serves with more, and saves most programs.
    """

    def __init__(self, truth: Mapping[K, int], keys: Collection[K]) -> None:
        self.truth = {key: truth[key] for key in keys}
        self._column = {key: column for column, key in enumerate(keys)}
        self._moves = [np.zeros(len(keys), dtype=int)]

    def add(self, keys: Collection[K], counts: np.ndarray) -> None:
        """Remember a set of counts of some keys; all others are true."""
        move = np.zeros(len(self._column), dtype=int)
        for key, count in zip(keys, counts, strict=True):
            move[self._column[key]] = count - self.truth[key]
        self._moves.append(move)

    def reach(self, keys: Collection[K]) -> tuple[np.ndarray, np.ndarray]:
        """How far each of some hidden counts is known to move down (0 or less) and up, only they being hidden."""
        columns = [self._column[key] for key in keys]
        seen = np.ones(len(self._column), dtype=bool)
        seen[columns] = False
        moves = np.array(self._moves)
        moves = moves[~moves[:, seen].any(axis=1)][:, columns]
        return moves.min(axis=0), moves.max(axis=0)


def proven_narrow(part: Unknowns[K], widths: Mapping[K, int]) -> frozenset[K]:
    """Counts whose range is narrower than it must be, as bounds prove without a program; there may be others.

    Args:
        part: hidden counts that sums join.
        widths: how wide the range of a count must at least be; a count that is not named need not be.
    """
    low, high = part.outer_bounds()
    return frozenset(key for key, width in zip(part.keys, high - low, strict=True) if width < widths.get(key, 0))


def narrow(part: Unknowns[K], fits: Fits[K], widths: Mapping[K, int]) -> Iterator[K]:
    """The counts whose range is narrower than it must be, as they are solution.

    Args:
        part: hidden counts that sums join.
        fits: the truth, and sets of counts met before; new ones are added.
        widths: how wide the range of a count must at least be; a count that is not named need not be.
    """
    if widths.keys().isdisjoint(part.keys):
        return
    truth = np.array([fits.truth[key] for key in part.keys])
    # Without a ceiling a count with no bound gives no set of counts to remember. A range that is wide enough below
    # this one is wide enough.
    ceiling = truth + 20.0 * max(widths.values())
    lowest, highest = fits.reach(part.keys)
    proven = proven_narrow(part, widths)
    for column, key in enumerate(part.keys):
        if key in proven:
            yield key
            continue
        for direction in (1, -1):
            if highest[column] - lowest[column] >= widths.get(key, 0):
                break
            counts = part.extreme(key, direction, ceiling)
            if counts is not None:
                fits.add(part.keys, counts)
                lowest, highest = np.minimum(lowest, counts - truth), np.maximum(highest, counts - truth)
        if highest[column] - lowest[column] < widths.get(key, 0):
            yield key
