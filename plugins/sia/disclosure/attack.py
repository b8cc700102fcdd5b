"""What a reader can work out of hidden counts from the published ones and the sums that join them.

The reader knows every published count, and which counts add up to which. The reader knows that counts are whole numbers
and not negative, and that a hidden count is not 0 where zeros are shown. For each hidden count the smallest and the
largest value that fit are two linear programs (the auditing problem of Fischetti and Salazar-González 2001, Management
Science 47:1008), solved by HiGHS. Where a program's answer is not in whole numbers, an integer program answers. Hidden
counts that no chain of sums joins are solved apart. ``narrow`` asks no more than whether a range is wide enough: one
program puts a count apart by that much while as few others as possible move, so that its answer serves for many more.
The tests have an attack that works out every range, and hold it against every table that there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sia.disclosure.linear_program import Outcome, Solution, Terms, solve

K = TypeVar("K", bound=Hashable)

_HAIR = 1e-6
_FAR = 1000
"""So often at most is a step made: a range as wide as that is wide enough."""
_FEW = 3
"""So many counts are asked for one by one."""
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


class Joined(Generic[K]):
    """Which keys belong together: each set has one of its keys as its root."""

    def __init__(self) -> None:
        self._above: dict[K, K] = {}

    def root(self, key: K) -> K:
        """The root of a key's set."""
        above = self._above
        while above.setdefault(key, key) != key:
            above[key] = key = above[above[key]]
        return key

    def join(self, key: K, other: K) -> None:
        """Make one set of the sets of two keys. The second's root stays root."""
        self._above[self.root(key)] = self.root(other)


def holds(group: KnownSum[K], counts: Mapping[K, int]) -> bool:
    """Whether the parts of a sum add up to its total."""
    return counts[group.total] == sum(counts[part] for part in group.parts)


@dataclass(frozen=True)
class Unknowns(Generic[K]):
    """Hidden counts that sums join: the ``terms`` of each of ``groups`` are together its ``constant``.

    ``least``: the smallest value that readers think possible of each count.
    """

    keys: tuple[K, ...]
    terms: Terms
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
        if solution.outcome is Outcome.SOLVED and not is_whole(solution.values):
            solution = self._solve(self._towards(key, direction), ceiling, whole=True)
        if solution.outcome is Outcome.SOLVED:
            counts: np.ndarray = np.rint(solution.values).astype(int)
            return counts
        # It may have been left open whether there is no bound or no solution at all.
        nowhere = np.zeros(len(self.keys))
        if self._solve(nowhere, ceiling, whole=True).outcome is not Outcome.SOLVED:
            raise ValueError("the published figures contradict each other")
        return None

    def width(self, key: K) -> int:
        """From the smallest to the largest value of a count that has both ends."""
        column = self.keys.index(key)
        ends = [self.extreme(key, direction) for direction in (-1, 1)]
        lowest, highest = (int(counts[column]) for counts in ends if counts is not None)
        return highest - lowest

    def furthest(self, direction: np.ndarray, ceiling: np.ndarray) -> np.ndarray | None:
        """All counts where they are furthest in a direction; none if that is not in whole numbers."""
        solution = self._solve(-direction, ceiling, whole=False)
        is_answer = solution.outcome is Outcome.SOLVED and is_whole(solution.values)
        return np.rint(solution.values).astype(int) if is_answer else None

    def outer_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Bounds that no count exceeds, often wider than its range: what each sum leaves for it."""
        sums, column, sign = self.terms.row, self.terms.column, self.terms.times
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
            solution = self._solve(self._towards(key, direction), inf, whole=False)
            if solution.outcome is Outcome.SOLVED:
                used |= np.abs(solution.shadow_prices) > _HAIR
        return tuple(group for group, is_used in zip(self.groups, used, strict=True) if is_used)

    def given(self, seen: Mapping[K, int]) -> Iterator[Unknowns[K]]:
        """What is still unknown when some of the counts are seen, in parts that no sum joins."""
        is_hidden = np.array([key not in seen for key in self.keys], dtype=bool)
        counts = np.array([seen.get(key, 0) for key in self.keys], dtype=float)
        terms = self.terms
        seen_parts = np.bincount(terms.row, terms.times * counts[terms.column], len(self.constant))
        constant = self.constant - seen_parts
        hidden = np.flatnonzero(is_hidden)
        stays = is_hidden[terms.column]
        rows, columns, signs = terms.row[stays], np.searchsorted(hidden, terms.column[stays]), terms.times[stays]
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
                terms=Terms(row, column, signs[part]),
                constant=constant[sums],
                groups=tuple(self.groups[index] for index in sums),
                least=self.least[hidden[own]],
            )

    def _towards(self, key: K, direction: int) -> np.ndarray:
        objective = np.zeros(len(self.keys))
        objective[self.keys.index(key)] = -direction
        return objective

    def _solve(self, objective: np.ndarray, ceiling: np.ndarray | float, *, whole: bool) -> Solution:
        return solve(objective, self.terms, self.constant, self.least, ceiling, whole=whole)


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
    joined = Joined[K]()
    with_unknowns = []
    for group in dict.fromkeys(groups):
        hidden = [key for key in group.members if key not in published]
        for key in hidden:
            joined.join(key, hidden[0])
        if hidden:
            with_unknowns.append((group, hidden))
    keys: dict[K, dict[K, int]] = defaultdict(dict)
    sums: dict[K, list[KnownSum[K]]] = defaultdict(list)
    for group, hidden in with_unknowns:
        part = joined.root(hidden[0])
        sums[part].append(group)
        for key in hidden:
            keys[part].setdefault(key, len(keys[part]))
    for part, column in keys.items():
        times: dict[tuple[int, int], float] = defaultdict(float)
        constant = np.zeros(len(sums[part]))
        for row, group in enumerate(sums[part]):
            for key, sign in ((group.total, -1), *((key, 1) for key in group.parts)):
                if key in column:
                    times[row, column[key]] += sign
                else:
                    constant[row] -= sign * published[key]
        places = np.array([place for place, sign in times.items() if sign], dtype=int).reshape(-1, 2)
        terms = Terms(places[:, 0], places[:, 1], np.array([sign for sign in times.values() if sign]))
        least = np.array([int(key in not_zero) for key in column])
        yield Unknowns(tuple(column), terms, constant, tuple(sums[part]), least)


class Fits(Generic[K]):
    """Moves from the truth to counts that fit as well, met while solving: each widens what is known of every range.

    A move fits whenever all the counts that it changes are hidden, so that what was met with fewer counts hidden
    serves with more, and saves most programs. A move can be made several times, or the other way, as far as no count
    falls below its least.
    """

    def __init__(self, everything: Unknowns[K], truth: Mapping[K, int]) -> None:
        self.truth = {key: truth[key] for key in everything.keys}
        self._column = {key: column for column, key in enumerate(everything.keys)}
        self._room = np.array(list(self.truth.values())) - everything.least
        self._moves = np.zeros((1, len(everything.keys)), dtype=int)

    def add(self, keys: Collection[K], counts: np.ndarray) -> None:
        """Remember counts of some keys that fit; all others are true."""
        move = np.zeros(len(self._column), dtype=int)
        for key, count in zip(keys, counts, strict=True):
            move[self._column[key]] = count - self.truth[key]
        if move.any():
            step = move // np.gcd.reduce(move)
            self._moves = np.vstack([self._moves, step * self._times(step), -step * self._times(-step)])

    def reach(self, keys: Collection[K]) -> tuple[np.ndarray, np.ndarray]:
        """How far each of some hidden counts is known to move down (0 or less) and up, only they being hidden."""
        columns = [self._column[key] for key in keys]
        seen = np.ones(len(self._column), dtype=bool)
        seen[columns] = False
        moves = self._moves[~self._moves[:, seen].any(axis=1)][:, columns]
        return moves.min(axis=0), moves.max(axis=0)

    def _times(self, step: np.ndarray) -> int:
        """How often a step can be made."""
        falls = step < 0
        return int((self._room[falls] // -step[falls]).min(initial=_FAR))


def moves_apart(
    part: Unknowns[K], room: np.ndarray, target: K, width: int, price: np.ndarray | float = 1.0
) -> np.ndarray | None:
    """The cheapest two moves to counts that fit and put one of them so far apart; none if its range is narrower.

    They need not be whole: a range of whole numbers is narrow if there are none, and wide enough if they are whole.

    Args:
        part: hidden counts that sums join.
        room: how far each can fall.
        target: the count to put apart.
        width: how far apart.
        price: what it costs to move each count as far as the width, or as far as it can fall if that is less.

    Returns:
        Two rows of a column for each count, or nothing.
    """
    size, column, height = len(part.keys), part.keys.index(target), len(part.constant)
    # Each move as what it adds to counts less what it takes from them.
    terms = part.terms
    of_both = Terms(
        row=np.concatenate([terms.row, terms.row, terms.row + height, terms.row + height, [2 * height] * 4]),
        column=np.concatenate([*(terms.column + block * size for block in range(4)), column + size * np.arange(4)]),
        times=np.concatenate([terms.times, -terms.times, terms.times, -terms.times, [1, -1, -1, 1]]),
    )
    up = price / width + np.zeros(size)
    down = price / np.clip(room, 1, width)
    wanted = np.append(np.zeros(2 * height), width)
    most = np.concatenate([np.full(size, inf), room] * 2)
    solution = solve(np.concatenate([up, down] * 2), of_both.in_order(), wanted, 0, most)
    if solution.outcome is not Outcome.SOLVED:
        return None
    added, taken = solution.values.reshape(2, 2, size).transpose(1, 0, 2)
    moves: np.ndarray = added - taken
    return moves


def proven_narrow(part: Unknowns[K], widths: Mapping[K, int]) -> frozenset[K]:
    """Counts whose range is narrower than it must be, as bounds prove without a program; there may be others.

    Args:
        part: hidden counts that sums join.
        widths: how wide the range of a count must at least be; a count that is not named need not be.
    """
    low, high = part.outer_bounds()
    return frozenset(key for key, width in zip(part.keys, high - low, strict=True) if width < widths.get(key, 0))


def narrow(part: Unknowns[K], fits: Fits[K], widths: Mapping[K, int]) -> Iterator[K]:
    """The counts whose range is narrower than it must be, as they are found.

    Args:
        part: hidden counts that sums join.
        fits: the truth, and sets of counts met before; new ones are added.
        widths: how wide the range of a count must at least be; a count that is not named need not be.
    """
    truth = np.array([fits.truth[key] for key in part.keys])
    # A range that is wide enough below a ceiling is wide enough.
    ceiling = truth + 20.0 * max(widths.values(), default=0)
    lowest, highest = fits.reach(part.keys)

    def widen(moves: np.ndarray) -> None:
        nonlocal lowest, highest
        fits.add(part.keys, truth + moves)
        lowest, highest = fits.reach(part.keys)

    proven = proven_narrow(part, widths)
    yield from (key for key in part.keys if key in proven)
    wanted = np.array([0 if key in proven else widths.get(key, 0) for key in part.keys])
    signs = np.random.default_rng(0)
    while (open_ := highest - lowest < wanted).sum() > _FEW:
        # One program moves many counts far.
        counts = part.furthest(np.where(open_, signs.choice([-1.0, 1.0], len(open_)), 0.0), ceiling)
        if counts is not None:
            widen(counts - truth)
        if counts is None or (highest - lowest < wanted).sum() > open_.sum() - 2:
            break
    for column, (key, width) in enumerate(zip(part.keys, wanted, strict=True)):
        if highest[column] - lowest[column] >= width:
            continue
        moves = moves_apart(part, truth - part.least, key, width)
        if moves is None:
            yield key
        elif is_whole(moves):
            for move in np.rint(moves).astype(int):
                widen(move)
        else:
            for direction in (1, -1):
                counts = part.extreme(key, direction, ceiling)
                if counts is not None:
                    widen(counts - truth)
            if highest[column] - lowest[column] < width:
                yield key
