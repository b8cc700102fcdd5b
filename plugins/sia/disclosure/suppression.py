"""Which counts a release hides so that no small count can be read or worked out.

Primary: a count of 1 up to the threshold. Secondary: the cheapest further counts, so that for every hidden count
more whole numbers fit than the threshold, whatever sums and earlier releases a reader brings (``attack``). A cheap
cover of one count is a small linear program: two other sets of counts, both adding up to all that stays published,
that put the count apart by the threshold (cell suppression: Fischetti and Salazar-González 2001, Management Science
47:1008). Counts are covered one by one, and every cover that turns out unneeded is lifted, with those that only it
protected. Then no set of covers is left that others make unneeded, so that a rebuilt release is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log10

import numpy as np

from sia.disclosure.additive import DisclosureCell
from sia.disclosure.attack import Fits, Joined, KnownSum, Unknowns, is_whole, moves_apart, narrow, unknowns
from sia.disclosure.reader_knowledge import DisclosedCounts, ReaderKnowledge
from sia.errors import PermanentError

_NOTHING = 1e-9
"""A share of a count that is hidden below which it is not: the solver's rounding."""
_HIDDEN_ANYWAY = 0.01
"""The price of a count that is hidden anyway: so that few counts move, and what is found of them serves again."""


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
    elsewhere: Callable[[DisclosureCell], bool] = lambda _: False,
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
        elsewhere: whether others publish a cell. What that alone tells of a hidden count is not ours to protect.

    Raises:
        NotProtectable: earlier releases give a small count away whatever this one hides, or the search was at fault.
        ValueError: a sum does not hold, or a count is negative.
    """
    known = ReaderKnowledge.together(
        counts, groups, earlier, unprinted=withheld, hides_zeros=hides_zeros, elsewhere=elsewhere
    )
    small = {cell for cell, count in known.counts.items() if count < threshold(cell) and (count or hides_zeros(cell))}
    widths = _widths(known, small, threshold, elsewhere)
    offered = set(counts).difference(withheld)
    shown_zeros = {cell for cell in offered if not counts[cell] and not hides_zeros(cell)}
    primary = small & offered - known.public
    hidden, exposures = _search(known, small, primary, offered - primary, shown_zeros, widths, cost)
    if exposures:
        raise NotProtectable(exposures)
    published = {cell: count for cell, count in counts.items() if cell in offered and cell not in hidden}
    # Once more, of what is published and with nothing that the search remembers.
    seen = {cell: known.counts[cell] for cell in known.public} | published
    if exposures := _exposed(seen, known, {cell: widths[cell] for cell in small | hidden}):
        raise NotProtectable(exposures)
    return Protection(
        published=published,
        primary=frozenset(primary),
        secondary=frozenset(hidden - primary),
    )


def _widths(
    known: ReaderKnowledge,
    small: set[DisclosureCell],
    threshold: Callable[[DisclosureCell], int],
    elsewhere: Callable[[DisclosureCell], bool],
) -> dict[DisclosureCell, int]:
    """How far apart the ends of each count's range must be.

    That is the threshold, or less where what others publish alone leaves less.
    """
    widths = {cell: threshold(cell) for cell in known.counts}
    others = {cell: count for cell, count in known.counts.items() if elsewhere(cell)}
    if others:
        for part in unknowns(others, known.groups, known.not_zero):
            if not small.isdisjoint(part.keys):
                fits = Fits(part, known.counts)
                for cell in list(narrow(part, fits, {cell: widths[cell] for cell in part.keys})):
                    widths[cell] = part.width(cell)
    return widths


def _search(
    known: ReaderKnowledge,
    small: set[DisclosureCell],
    primary: set[DisclosureCell],
    may_hide: set[DisclosureCell],
    shown: set[DisclosureCell],
    widths: Mapping[DisclosureCell, int],
    cost: Callable[[DisclosureCell, int], float],
) -> tuple[set[DisclosureCell], list[Exposure]]:
    """Everything to hide, and the small counts that are known nevertheless.

    Counts that a sum makes equal are one count here: a partnership of one district is that district.
    """
    equal = Joined[DisclosureCell]()
    for group in known.groups:
        if len(group.parts) == 1:
            equal.join(group.parts[0], group.total)
    root = equal.root
    members: dict[DisclosureCell, list[DisclosureCell]] = defaultdict(list)
    for cell in known.counts:
        members[root(cell)].append(cell)
    must_hide = {root(cell) for cell in primary}
    secret = {root(cell) for cell in small}
    exposures: list[Exposure] = []
    chosen = set(must_hide)
    for everything in unknowns(
        {root(cell): known.counts[cell] for cell in known.public | shown},
        [KnownSum(root(group.total), tuple(map(root, group.parts))) for group in known.groups if len(group.parts) > 1],
        {root(cell) for cell in known.not_zero},
    ):
        if not secret.isdisjoint(everything.keys):
            price = {
                cell: sum(cost(member, known.counts[member]) for member in members[cell] if member in may_hide)
                for cell in everything.keys
            }
            cover = _Cover(
                everything,
                Fits(everything, known.counts),
                widths={cell: max(widths[member] for member in members[cell]) for cell in everything.keys},
                price=price,
                secret=secret.intersection(everything.keys),
                may_hide={
                    cell for cell in everything.keys if not may_hide.isdisjoint(members[cell]) and cell not in must_hide
                },
            )
            chosen |= cover.find()
            exposures += cover.exposures
    offered = primary | may_hide
    return {member for cell in chosen for member in members[cell] if member in offered}, exposures


def _exposed(
    seen: Mapping[DisclosureCell, int], known: ReaderKnowledge, widths: Mapping[DisclosureCell, int]
) -> list[Exposure]:
    """What a reader who sees some counts finds of the others: those whose range is narrower than it must be."""
    return [
        Exposure(cell, part.sums_behind(cell))
        for part in unknowns(seen, known.groups, known.not_zero)
        for cell in narrow(part, Fits(part, known.counts), widths)
    ]


@dataclass
class _Cover:
    """The search for what else to hide among counts that sums join.

    ``everything``: all of them, as a reader would see them if all were hidden. ``secret``: small counts, hidden or
    withheld, that must be protected. ``may_hide``: those that could be hidden besides. ``chosen``: those that are.
    ``widths``: how far apart the ends of each count's range must be. ``price``: what hiding each loses.
    """

    everything: Unknowns[DisclosureCell]
    fits: Fits[DisclosureCell]
    widths: Mapping[DisclosureCell, int]
    price: Mapping[DisclosureCell, float]
    secret: set[DisclosureCell]
    may_hide: set[DisclosureCell]
    chosen: set[DisclosureCell] = field(default_factory=set)
    exposures: list[Exposure] = field(default_factory=list)

    def find(self) -> set[DisclosureCell]:
        """Cover every secret, as far as that is possible, and lift what is not needed."""
        parts = self._cover_all()
        for cell in sorted(self.chosen, key=lambda cell: (-self.price[cell], cell)):
            if cell in self.chosen:
                # Every range is wide enough now, and to lift a cover narrows only those in its own part.
                own = next(part for part in parts if cell in part.keys)
                rest = self._lift(own, cell)
                if rest is not None:
                    parts = [*(part for part in parts if part is not own), *rest]
        return self.chosen

    def _cover_all(self) -> list[Unknowns[DisclosureCell]]:
        """Choose covers until every range is wide enough; what is unknown then, in parts that no sum joins."""
        given_away: set[DisclosureCell] = set()
        while True:
            parts = self._parts()
            widths = self._of((self.secret | self.chosen) - given_away)
            narrowed = [cell for part in parts for cell in narrow(part, self.fits, widths)]
            if not narrowed:
                return parts
            before = len(self.chosen)
            for cell in narrowed:
                cover = self._cheapest(cell)
                if cover is None:
                    given_away.add(cell)
                    self.exposures.append(Exposure(cell, self.everything.sums_behind(cell)))
                else:
                    self.chosen |= cover
            if len(self.chosen) == before and given_away.isdisjoint(narrowed):
                # What is wide enough in fractions need not be so in whole numbers. Then everything is hidden.
                if self.chosen == self.may_hide:
                    self.exposures += [Exposure(cell, self.everything.sums_behind(cell)) for cell in narrowed]
                    return parts
                self.chosen |= self.may_hide

    def _lift(self, own: Unknowns[DisclosureCell], cell: DisclosureCell) -> list[Unknowns[DisclosureCell]] | None:
        """Publish a cover again, with those that only it protected; what is still unknown, or none if it is needed.

        Where covers that are enough for themselves and all secrets are among the chosen ones, every other is lifted.
        """
        lifted = {cell}
        while True:
            rest = list(own.given({cell: self.fits.truth[cell] for cell in lifted}))
            if any(True for part in rest for _ in narrow(part, self.fits, self._of(self.secret))):
                return None
            narrowed = [cell for part in rest for cell in narrow(part, self.fits, self._of(self.chosen - lifted))]
            if not narrowed:
                self.chosen -= lifted
                return rest
            lifted.update(narrowed)

    def _of(self, cells: Collection[DisclosureCell]) -> dict[DisclosureCell, int]:
        """The widths of some counts."""
        return {cell: self.widths[cell] for cell in cells}

    def _parts(self) -> list[Unknowns[DisclosureCell]]:
        """What a reader does not see while the chosen counts are hidden, in parts that no sum joins."""
        return list(self.everything.given({cell: self.fits.truth[cell] for cell in self.may_hide - self.chosen}))

    @cached_property
    def _truth(self) -> np.ndarray:
        return np.array([self.fits.truth[cell] for cell in self.everything.keys], dtype=float)

    def _cheapest(self, target: DisclosureCell) -> set[DisclosureCell] | None:
        """A cheap set of further counts to hide so that a count's range is wide enough; none if no set is enough.

        Hiding a count in part costs a part of its price. Those that are hidden at all are a cover, and few.
        """
        keys = self.everything.keys
        is_open = np.array([cell in self.may_hide and cell not in self.chosen for cell in keys])
        hidden = [cell for cell, may_be_shown in zip(keys, is_open, strict=True) if not may_be_shown]
        lowest, highest = self.fits.reach(hidden)
        place = hidden.index(target)
        if highest[place] - lowest[place] >= self.widths[target]:
            return set()
        price = np.where(is_open, [self.price[cell] for cell in keys], _HIDDEN_ANYWAY)
        moves = moves_apart(self.everything, self._truth - self.everything.least, target, self.widths[target], price)
        if moves is None:
            return None
        if is_whole(moves):
            for move in np.rint(moves).astype(int):
                self.fits.add(keys, self._truth.astype(int) + move)
        return {keys[column] for column in np.flatnonzero((np.abs(moves).max(axis=0) > _NOTHING) & is_open)}
