"""The range of every hidden count, by linear and integer programs over the counts of the shortest steps of time.

Each count of each release is the sum of what happened between the days on which any of the release's periods begins or
ends. That is another way of writing the problem than the project's, which joins the counts themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tests.attacker.reader import HIDDEN_OR_ZERO, Cell, Knowledge, Printed

Term = dict[int, float]
"""A sum of unknowns: how often each of them, by its number."""

FAR = 10_000
"""A count without a limit is looked for up to here."""


class Narrowed(NamedTuple):
    """A small count that readers know too well: of which release, and its range."""

    release: int
    cell: Cell
    low: int
    high: int
    rest_of: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether readers know the count."""
        return self.low == self.high


class _Target(NamedTuple):
    release: int
    cell: Cell
    rest_of: str
    term: tuple[tuple[int, float], ...]
    truth: int
    width: int


class _Puzzle:
    """Unknown steps, what is known of sums of them, and the small counts that are looked for."""

    def __init__(self) -> None:
        self.steps: dict[tuple[int, str, str, int, int], int] = {}
        self.known: list[tuple[Term, float, float]] = []
        self.targets: list[_Target] = []
        self.boundaries: dict[tuple[int, str, str], list[int]] = {}
        self.extra = 0

    def unknown(self) -> int:
        """A new unknown, at least 0."""
        self.extra += 1
        return self.number((-self.extra, "", "", 0, 0))

    def number(self, key: tuple[int, str, str, int, int]) -> int:
        """The number of a step."""
        return self.steps.setdefault(key, len(self.steps))

    def term(self, release: int, cell: Cell) -> Term:
        """A count as the sum of its steps."""
        marks = self.boundaries[release, cell.thing, cell.area]
        inside = [mark for mark in marks if cell.first <= mark <= cell.after]
        return {self.number((release, cell.thing, cell.area, *step)): 1.0 for step in pairwise(inside)}


def _less(term: Term, *others: Term) -> Term:
    left = defaultdict(float, term)
    for other in others:
        for number, times in other.items():
            left[number] -= times
    return {number: times for number, times in left.items() if times}


def narrowed(
    releases: Sequence[Printed],
    knowledge: Knowledge,
    truth: Sequence[Mapping[Cell, int]],
    threshold: Callable[[str], int],
) -> list[Narrowed]:
    """The small counts whose range is narrower than the threshold of what they count.

    Args:
        releases: what each prints, the oldest first.
        knowledge: what readers know besides.
        truth: the true counts of each release, to know which of the hidden are small.
        threshold: of a thing.

    Raises:
        ValueError: no counts fit what is published, so that the attacker is wrong.
    """
    puzzle = _puzzle(releases, knowledge, truth, threshold)
    return [narrow for part in _parts(puzzle) for narrow in _narrow(*part)]


def small_counts(
    releases: Sequence[Printed],
    knowledge: Knowledge,
    truth: Sequence[Mapping[Cell, int]],
    threshold: Callable[[str], int],
) -> int:
    """How many small counts are attacked."""
    return len(_puzzle(releases, knowledge, truth, threshold).targets)


def _puzzle(
    releases: Sequence[Printed],
    knowledge: Knowledge,
    truth: Sequence[Mapping[Cell, int]],
    threshold: Callable[[str], int],
) -> _Puzzle:
    puzzle = _Puzzle()
    for number, printed in enumerate(releases):
        marks: dict[tuple[str, str], set[int]] = defaultdict(set)
        for cell in printed:
            marks[cell.thing, cell.area] |= {cell.first, cell.after}
        puzzle.boundaries |= {(number, *place): sorted(of_place) for place, of_place in marks.items()}
    for number, printed in enumerate(releases):
        for cell, count in printed.items():
            term = puzzle.term(number, cell)
            is_secret = cell.thing in knowledge.may_be_zero
            least = 0 if is_secret or count == HIDDEN_OR_ZERO else 1
            puzzle.known.append((term, least, inf) if count in (None, HIDDEN_OR_ZERO) else (term, count, count))
            _look_for(puzzle, number, cell, "", term, truth[number][cell], threshold(cell.thing), is_secret)
        for cell in knowledge.unchanged.get(number, frozenset()):
            puzzle.known.append((_less(puzzle.term(number, cell), puzzle.term(number - 1, cell)), 0, 0))
        for cell, (low, high) in knowledge.elsewhere.get(number, {}).items():
            puzzle.known.append((puzzle.term(number, cell), low, high))
        shares = [(whole, (part,), True) for part, whole in knowledge.whole_of]
        for whole, parts, leaves_rest in (*shares, *((*division, False) for division in knowledge.divisions)):
            for cell in [cell for cell in printed if cell.thing == whole]:
                inside = [part for part in (cell._replace(thing=thing) for thing in parts) if part in printed]
                if inside:
                    rest = _less(puzzle.term(number, cell), *(puzzle.term(number, part) for part in inside))
                    left = truth[number][cell] - sum(truth[number][part] for part in inside)
                    puzzle.known.append((rest, 0, inf if left or leaves_rest else 0))
                    named = f"{whole} less {', '.join(part.thing for part in inside)}"
                    is_secret = any(part in knowledge.may_be_zero for part in parts)
                    _look_for(puzzle, number, cell, named, rest, left, threshold(whole), is_secret)
        for thing, most in knowledge.at_most:
            for cell in [cell for cell in printed if cell.thing == thing]:
                limit = cell._replace(thing=most)
                # As with areas: the true counts only keep readers from believing what is wrong.
                if limit in printed and truth[number][cell] <= truth[number][limit]:
                    puzzle.known.append((_less(puzzle.term(number, limit), puzzle.term(number, cell)), 0, inf))
    for number, total, parts, leaves_rest in knowledge.sums:
        rest = _less(puzzle.term(number, total), *(puzzle.term(number, part) for part in parts))
        puzzle.known.append((rest, 0, inf if leaves_rest else 0))
    return puzzle


def _look_for(
    puzzle: _Puzzle, release: int, cell: Cell, rest_of: str, term: Term, truth: int, width: int, may_be_zero: bool
) -> None:
    if term and truth < width and (truth or may_be_zero):
        puzzle.targets.append(_Target(release, cell, rest_of, tuple(term.items()), truth, width))


def _parts(
    puzzle: _Puzzle,
) -> list[tuple[csr_array, np.ndarray, np.ndarray, list[tuple[_Target, np.ndarray]]]]:
    """The puzzle in parts that nothing known joins: matrix, lower and upper limits, and what is looked for."""
    size = len(puzzle.steps)
    rows, columns, times = [], [], []
    for row, (term, _, _) in enumerate(puzzle.known):
        for number, often in term.items():
            rows.append(row)
            columns.append(number)
            times.append(often)
    height = len(puzzle.known)
    matrix = csr_array((times, (rows, columns)), shape=(height, size))
    nodes = csr_array((np.ones(len(rows)), (rows, [height + column for column in columns])), shape=(height + size,) * 2)
    _, label = connected_components(nodes, directed=False)
    low = np.array([low for _, low, _ in puzzle.known], dtype=float)
    high = np.array([high for _, _, high in puzzle.known], dtype=float)
    by_label: dict[int, list[_Target]] = defaultdict(list)
    for target in puzzle.targets:
        by_label[label[height + target.term[0][0]]].append(target)
    parts = []
    for number, targets in by_label.items():
        own_rows, own_columns = np.flatnonzero(label[:height] == number), np.flatnonzero(label[height:] == number)
        place = {column: index for index, column in enumerate(own_columns)}
        wanted = []
        for target in targets:
            vector = np.zeros(len(own_columns))
            for column, often in target.term:
                vector[place[column]] = often
            wanted.append((target, vector))
        parts.append((matrix[own_rows][:, own_columns], low[own_rows], high[own_rows], wanted))
    return parts


def _narrow(
    matrix: csr_array, low: np.ndarray, high: np.ndarray, wanted: list[tuple[_Target, np.ndarray]]
) -> list[Narrowed]:
    vectors = np.array([vector for _, vector in wanted])
    lowest = highest = np.array([target.truth for target, _ in wanted], dtype=float)
    narrow_counts = []

    def end(vector: np.ndarray, whole: bool) -> np.ndarray | None:
        solution = milp(
            vector,
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(0, FAR),
            integrality=np.full(len(vector), int(whole)),
        )
        if solution.x is None:
            raise ValueError(f"nothing fits what is published: {solution.message}")
        return solution.x

    for index, (target, vector) in enumerate(wanted):
        for sign in (1, -1):
            if highest[index] - lowest[index] >= target.width:
                break
            for whole in (False, True):
                counts = end(sign * vector, whole)
                if np.abs(counts - np.rint(counts)).max() < 1e-6:
                    reached = vectors @ np.rint(counts)
                    lowest, highest = np.minimum(lowest, reached), np.maximum(highest, reached)
                    break
        if highest[index] - lowest[index] < target.width:
            narrow_counts.append(
                Narrowed(target.release, target.cell, int(lowest[index]), int(highest[index]), target.rest_of)
            )
    return narrow_counts
