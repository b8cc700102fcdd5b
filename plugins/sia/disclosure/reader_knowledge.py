"""What readers know together: this release's counts and every earlier one's, joined by their sums.

A count is the same as in the release before if that release has it and it is unchanged: readers are taken to know so.
The release before is the last one that shows anything. Otherwise it is a count of its own, with the sums of its time,
even if an older release has one of equal value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from sia.disclosure.additive import DisclosureCell
from sia.disclosure.attack import KnownSum, holds

Counts = Mapping[DisclosureCell, int]
Names = Mapping[DisclosureCell, DisclosureCell]


@dataclass(frozen=True)
class DisclosedCounts:
    """An earlier release: its name, what it published, and what it hid, both as they were known then.

    ``unprinted``: what it neither published nor marked as hidden, such as quarters where there are years only, and what
    it left to be subtracted. ``sums``: those among its counts.
    """

    name: str
    published: Mapping[DisclosureCell, int]
    hidden: Mapping[DisclosureCell, int] = field(default_factory=dict)
    unprinted: Mapping[DisclosureCell, int] = field(default_factory=dict)
    sums: Sequence[KnownSum[DisclosureCell]] = ()

    def prints(self, cell: DisclosureCell) -> bool:
        """Whether a cell is there to be read, be it a count or the mark of a hidden one."""
        return cell in self.published or cell in self.hidden

    @property
    def secret(self) -> dict[DisclosureCell, int]:
        """Every count that the release has and does not show."""
        return {**self.unprinted, **self.hidden}

    @property
    def counts(self) -> dict[DisclosureCell, int]:
        """Every count that the release has."""
        return {**self.unprinted, **self.hidden, **self.published}


@dataclass(frozen=True)
class ReaderKnowledge:
    """Every count of every release, those that are public already, and the sums.

    ``not_zero``: the counts of which readers know that they are not 0, because a zero would have been printed.
    """

    counts: Mapping[DisclosureCell, int]
    public: frozenset[DisclosureCell]
    groups: tuple[KnownSum[DisclosureCell], ...]
    not_zero: frozenset[DisclosureCell]

    @classmethod
    def together(
        cls,
        counts: Mapping[DisclosureCell, int],
        groups: Collection[KnownSum[DisclosureCell]],
        earlier: Sequence[DisclosedCounts] = (),
        *,
        unprinted: Collection[DisclosureCell] = (),
        hides_zeros: Callable[[DisclosureCell], bool] = lambda _: False,
        elsewhere: Callable[[DisclosureCell], bool] = lambda _: False,
    ) -> Self:
        """Join today's counts with the account of what was published, oldest release first.

        Args:
            counts: every count as it is known now.
            groups: every sum among them.
            earlier: earlier releases.
            unprinted: the counts that this release neither publishes nor marks as hidden.
            hides_zeros: whether a cell's zeros are hidden like small counts.
            elsewhere: whether others publish a cell.

        Raises:
            ValueError: a count is negative, or a sum does not hold.
        """
        every = dict(counts)
        # What a count can be the same as: in the next release that shows anything, and in those between that hide all.
        next_shown, hide_all = (counts, {cell: cell for cell in counts}), list[tuple[Counts, Names]]()
        public: set[DisclosureCell] = set()
        not_zero = {cell for cell, count in counts.items() if count and not hides_zeros(cell)}.difference(unprinted)
        sums = dict.fromkeys(group for group in groups if all(cell in counts for cell in group.members))
        for release in reversed(earlier):
            then = release.counts
            later = [next_shown, *reversed(hide_all)]
            names = {
                cell: next(
                    (names_later[cell] for of_later, names_later in later if of_later.get(cell) == count),
                    cell._replace(release=release.name),
                )
                for cell, count in then.items()
            }
            every |= {names[cell]: count for cell, count in then.items()}
            public |= {names[cell] for cell in release.published}
            # Where a release hides a zero, a reader cannot know that what it hides of the same thing is none.
            with_zeros = {cell.component for cell, count in release.hidden.items() if not count}
            not_zero |= {
                names[cell] for cell in release.hidden if cell.component not in with_zeros and not hides_zeros(cell)
            }
            # What adds up today and added up then was a sum then.
            for group in dict.fromkeys((*release.sums, *groups)):
                if all(cell in then for cell in group.members) and holds(group, then):
                    sums[KnownSum(names[group.total], tuple(names[part] for part in group.parts))] = None
            if release.published:
                next_shown, hide_all = (then, names), []
            else:
                hide_all.append((then, names))
        if any(count < 0 for count in every.values()):
            raise ValueError("a count is negative")
        for group in sums:
            if not holds(group, every):
                raise ValueError(f"the parts do not add up: {group}")
        public |= {cell for cell in every if elsewhere(cell)}
        return cls(every, frozenset(public), tuple(sums), frozenset(not_zero))
