"""Which counts a release hides so that no small count can be read or worked out.

Primary: a count of 1 up to the threshold. Secondary: the cheapest further counts, so that for every hidden count
more whole numbers fit than the threshold, whatever sums and earlier releases a reader brings (``attack``). The
cheapest cover of one count is a small integer program: two other sets of counts, both adding up to all that stays
published, that put the count apart by the threshold (cell suppression: Fischetti and Salazar-González 2001,
Management Science 47:1008). Counts are covered one by one, and every cover that turns out unneeded is lifted;
then the search goes on among the covers, until it finds none unneeded, so that a release that is rebuilt is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, log10

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from sia.disclosure.additive import DisclosureCell
from sia.disclosure.attack import Fits, KnownSum, Unknowns, is_whole, narrow, proven_narrow, unknowns
from sia.disclosure.reader_knowledge import DisclosedCounts, ReaderKnowledge
from sia.errors import PermanentError

_NOTHING = 1e-9
"""A share of a count that is hidden below which it is not: the solver's rounding."""


_FEW = 12
"""So many counts that may be hidden need no linear program first to choose from."""


@dataclass(frozen=True)
class Exposure:
    """A count that is not protected, and the sums through which it is found. No values."""

    cell: DisclosureCell
    through: tuple[KnownSum[DisclosureCell], ...]

    def __str__(self) -> str:
        return f"{self.cell}, through {'; '.join(map(str, self.through))}"


class NotProtectable(PermanentError):
    """Counts would be given away: by earlier releases whatever this one hides, or by what this one hides too little."""

    def __init__(self, exposures: Sequence[Exposure]) -> None:
        self.exposures = tuple(exposures)
        super().__init__(
            "Hidden counts can be worked out, so that nothing of them is released: " + ". ".join(map(str, exposures))
        )


@dataclass(frozen=True)
class Protection:
    """What a release publishes and hides; a small count that an earlier release published stays published."""

    published: Mapping[DisclosureCell, int]
    primary: frozenset[DisclosureCell]
    secondary: frozenset[DisclosureCell]

    @property
    def hidden(self) -> frozenset[DisclosureCell]:
        """Everything that carries the symbol for confidential, and takes its derived figures with it."""
        return self.primary | self.secondary

    @property
    def share_kept(self) -> float:
        """The share of the counts up for publication that are published; 1 where there are none."""
        of = len(self.published) + len(self.hidden)
        return len(self.published) / of if of else 1.0


def loss(_: DisclosureCell, count: int) -> float:
    """What hiding a count loses: one figure, and the more the larger it is."""
    return 1 + log10(1 + count)


def protect(
    counts: Mapping[DisclosureCell, int],
    groups: Collection[KnownSum[DisclosureCell]],
    threshold: Callable[[DisclosureCell], int],
    *,
    withheld: Collection[DisclosureCell] = (),
    earlier: Sequence[DisclosedCounts] = (),
    hides_zeros: Callable[[DisclosureCell], bool] = lambda _: False,
    cost: Callable[[DisclosureCell, int], float] = loss,
) -> Protection:
    """Choose what a release hides.

    Args:
        counts: every count as it is known now: those up for publication, and those that sums join with them.
        groups: every sum among the counts, of this release and of earlier ones.
        threshold: of a cell: counts from 1 up to it, exclusive, are hidden; and so far apart at least are the ends of
            a hidden count's feasible range.
        withheld: cells that are not up for publication; small ones are protected all the same.
        earlier: earlier releases, oldest first.
        hides_zeros: whether a cell's zeros are hidden like small counts. If not, every zero is shown, so that readers
            know of each hidden count that it is at least 1.
        cost: what hiding a cell loses.

    Raises:
        NotProtectable: earlier releases give a small count away whatever this one hides, or the search was at fault.
        ValueError: a sum does not hold, or a count is negative.
    """
    known = ReaderKnowledge.together(counts, groups, earlier, unprinted=withheld, hides_zeros=hides_zeros)
    small = {cell for cell, count in known.counts.items() if count < threshold(cell) and (count or hides_zeros(cell))}
    offered = set(counts).difference(withheld)
    shown_zeros = {cell for cell in offered if not counts[cell] and not hides_zeros(cell)}
    primary = small & offered - known.public
    exposures: list[Exposure] = []

    def search(
        public: frozenset[DisclosureCell],
        groups: Collection[KnownSum[DisclosureCell]],
        fits: Fits[DisclosureCell] | None = None,
    ) -> set[DisclosureCell]:
        """What to hide besides the small counts so that these sums give none away."""
        chosen: set[DisclosureCell] = set()
        for everything in unknowns({cell: known.counts[cell] for cell in public}, groups, known.not_zero):
            secret = small.intersection(everything.keys)
            if secret:
                may_hide = offered.intersection(everything.keys) - primary
                fits_here = fits or Fits(known.counts, everything.keys)
                cover = _Cover(everything, fits_here, threshold, cost, secret, may_hide)
                cover_cells = cover.find()
                exposures.extend(cover.exposures)
                # Counts that only cover each other are not lifted one by one. Searching among what was chosen, until
                # all of it is chosen again, is what releasing the same again does: it then hides the same.
                if cover_cells == may_hide or cover.exposures:
                    chosen |= cover_cells
                else:
                    chosen |= search(public | (may_hide - cover_cells), everything.groups, fits_here)
        return chosen

    secondary = search(known.public | shown_zeros, known.groups)
    if exposures:
        raise NotProtectable(exposures)
    hidden = primary | secondary
    published = {cell: count for cell, count in counts.items() if cell in offered and cell not in hidden}
    # Once more, of what is published and with nothing that the search remembers.
    seen = {cell: known.counts[cell] for cell in known.public} | published
    if exposures := _exposed(seen, known, {cell: threshold(cell) for cell in small | hidden}):
        raise NotProtectable(exposures)
    return Protection(
        published=published,
        primary=frozenset(primary),
        secondary=frozenset(secondary),
    )


def _exposed(
    seen: Mapping[DisclosureCell, int], known: ReaderKnowledge, widths: Mapping[DisclosureCell, int]
) -> list[Exposure]:
    """What a reader who sees some counts finds of the others: those whose range is narrower than it must be."""
    return [
        Exposure(cell, part.sums_behind(cell))
        for part in unknowns(seen, known.groups, known.not_zero)
        for cell in narrow(part, Fits(known.counts, part.keys), widths)
    ]


@dataclass
class _Cover:
    """The search for what else to hide among counts that sums join.

    ``everything``: all of them, as a reader would see them if all were hidden. ``secret``: small counts, hidden or
    withheld, that must be protected. ``may_hide``: those that could be hidden besides. ``chosen``: those that are.
    """

    everything: Unknowns[DisclosureCell]
    fits: Fits[DisclosureCell]
    threshold: Callable[[DisclosureCell], int]
    cost: Callable[[DisclosureCell, int], float]
    secret: set[DisclosureCell]
    may_hide: set[DisclosureCell]
    chosen: set[DisclosureCell] = field(default_factory=set)
    exposures: list[Exposure] = field(default_factory=list)

    def find(self) -> set[DisclosureCell]:
        """Cover every secret, as far as that is possible, and lift what is not needed."""
        while cell := self._unsafe(self.chosen):
            cheapest = self._cheapest(cell, whole=False) or self._cheapest(cell, whole=True)
            if added := cheapest or self.may_hide - self.chosen:
                self.chosen |= added
            else:
                self.exposures.append(Exposure(cell, self.everything.sums_behind(cell)))
                self.secret.discard(cell)
                self.chosen.discard(cell)
                self.may_hide.discard(cell)
        # Every range is wide enough now, and to lift a cover narrows only those in its own part.
        parts = list(self._parts(self.chosen))
        for cell in sorted(self.chosen, key=lambda cell: (-self.cost(cell, self.fits.truth[cell]), cell)):
            own = next(part for part in parts if cell in part.keys)
            rest = list(own.given({cell: self.fits.truth[cell]}))
            widths = self._widths(self.chosen - {cell})
            # What bounds prove is asked first: it takes no program.
            if not any(proven_narrow(part, widths) for part in rest) and not any(
                True for part in rest for _ in narrow(part, self.fits, widths)
            ):
                self.chosen.discard(cell)
                parts = [*(part for part in parts if part is not own), *rest]
        return self.chosen

    def _unsafe(self, chosen: set[DisclosureCell]) -> DisclosureCell | None:
        """A hidden count whose range is too narrow, if there is one."""
        widths = self._widths(chosen)
        return next((cell for part in self._parts(chosen) for cell in narrow(part, self.fits, widths)), None)

    def _widths(self, chosen: set[DisclosureCell]) -> dict[DisclosureCell, int]:
        """How wide the range of each hidden count must be."""
        return {cell: self.threshold(cell) for cell in self.secret | chosen}

    def _parts(self, chosen: set[DisclosureCell]) -> Iterator[Unknowns[DisclosureCell]]:
        """What a reader does not see while some counts are hidden, in parts that no sum joins."""
        return self.everything.given({cell: self.fits.truth[cell] for cell in self.may_hide - chosen})

    @cached_property
    def _truth(self) -> np.ndarray:
        return np.array([self.fits.truth[cell] for cell in self.everything.keys], dtype=float)

    @cached_property
    def _room(self) -> np.ndarray:
        """How far each count can move down."""
        room: np.ndarray = self._truth - self.everything.least
        return room

    def _cheapest(self, target: DisclosureCell, *, whole: bool) -> set[DisclosureCell]:
        """The cheapest further counts to hide so that a count's range is wide enough; none if none was found.

        Variables: by how much each count moves to one set of counts that fits and to another, and for each that may
        be hidden whether it is. A count that moves must be hidden. Moves are kept small, which only ever hides more,
        never less; they are ``whole`` numbers only if asked, since most are anyway. If they need not be, counts may
        first be hidden in part, which is a linear program; the integer program then chooses among those that it hides
        at all, for they are a cover, and few (kernel search: Angelelli, Mansini and Speranza 2010, Computers &
        Operations Research 37:2017). Work is limited by nodes and not by time, so that the same release hides the same
        counts on every machine.
        """
        cells = self.everything.keys
        size = len(cells)
        may_hide = self.may_hide - self.chosen
        open_ = np.array([index for index, cell in enumerate(cells) if cell in may_hide], dtype=int)
        apart = self.threshold(target)
        reach = 2.0 * apart
        down = np.minimum(self._room, reach)
        together = self._together(open_, cells.index(target), apart)
        price = [self.cost(cells[index], self.fits.truth[cells[index]]) for index in open_]

        def solve(kernel: np.ndarray, integrality: Sequence[int]) -> OptimizeResult:
            return milp(
                np.concatenate([np.zeros(2 * size), price]),
                constraints=together,
                bounds=Bounds(
                    np.concatenate([-down, -down, np.zeros(len(open_))]), np.concatenate([[reach] * 2 * size, kernel])
                ),
                integrality=integrality,
                options={"mip_rel_gap": 0.25, "node_limit": 2000},
            )

        kernel = np.ones(len(open_))
        if not whole and len(open_) > _FEW:
            in_part = solve(kernel, [0] * (2 * size + len(open_)))
            if in_part.x is None:
                return set()
            kernel = (in_part.x[2 * size :] > _NOTHING).astype(float)
        solution = solve(kernel, [int(whole)] * 2 * size + [1] * len(open_))
        if solution.x is None:
            return set()
        for moves in (solution.x[:size], solution.x[size : 2 * size]):
            if is_whole(moves):
                self.fits.add(cells, np.rint(self._truth + moves).astype(int))
        return {cells[index] for index, switch in zip(open_, solution.x[2 * size :], strict=True) if switch > 0.5}

    def _together(self, open_: np.ndarray, target: int, apart: int) -> LinearConstraint:
        """What joins the variables of ``_cheapest``.

        Both moves keep every sum. Each move of an open count is at most ``reach`` up and at most what there is down, if
        the count is hidden, and else nothing. The moves of the target are ``apart``.

        Args:
            open_: the columns of the counts that may be hidden besides.
            target: the column of the count to protect.
            apart: how far its two moves must be apart.
        """
        sums = self.everything.matrix.tocoo()
        height, size = sums.shape
        number = np.arange(len(open_))
        reach, down = 2.0 * apart, np.minimum(self._room, 2.0 * apart)[open_]
        rows, columns, values = [], [], []

        def add(row: np.ndarray, column: np.ndarray, value: np.ndarray) -> None:
            rows.append(row)
            columns.append(column)
            values.append(value)

        for move in (0, 1):
            add(sums.row + move * height, sums.col + move * size, sums.data)
        first = 2 * height
        for limit in (np.full(len(open_), -reach), down):
            for move in (0, 1):
                add(first + number, open_ + move * size, np.ones(len(open_)))
                add(first + number, number + 2 * size, limit)
                first += len(open_)
        add(np.full(2, first), target + np.array([0, size]), np.array([1.0, -1.0]))
        heights = [2 * height, 2 * len(open_), 2 * len(open_), 1]
        return LinearConstraint(
            csr_array(
                (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
                shape=(first + 1, 2 * size + len(open_)),
            ),
            np.repeat([0.0, -inf, 0.0, float(apart)], heights),
            np.repeat([0.0, 0.0, inf, inf], heights),
        )
