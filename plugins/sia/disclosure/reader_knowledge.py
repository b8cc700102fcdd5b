"""What readers know together: this release's counts and every earlier one's, joined by their sums.

A count that has been restated is two counts, each with the sums of its time; one that has not is one, and readers are
taken to know that it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from sia.disclosure.additive import DisclosureCell
from sia.disclosure.attack import KnownSum


@dataclass(frozen=True)
class DisclosedCounts:
    """An earlier release: its name, what it published, and what it hid, both as they were known then."""

    name: str
    published: Mapping[DisclosureCell, int]
    hidden: Mapping[DisclosureCell, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReaderKnowledge:
    """Every count of every release, those that are public already, and the sums."""

    counts: Mapping[DisclosureCell, int]
    public: frozenset[DisclosureCell]
    groups: tuple[KnownSum[DisclosureCell], ...]

    @classmethod
    def together(
        cls,
        counts: Mapping[DisclosureCell, int],
        groups: Collection[KnownSum[DisclosureCell]],
        earlier: Sequence[DisclosedCounts] = (),
    ) -> Self:
        """Join today's counts with the account of what was published, oldest release first.

        Raises:
            ValueError: a count is negative, or a sum does not hold.
        """
        every = dict(counts)
        names = {cell: {count: cell} for cell, count in counts.items()}
        public: set[DisclosureCell] = set()
        sums = dict.fromkeys(group for group in groups if all(cell in counts for cell in group.members))
        for release in reversed(earlier):
            then = {**release.hidden, **release.published}
            name = {}
            for cell, count in then.items():
                known_as = names.setdefault(cell, {})
                name[cell] = known_as.setdefault(count, cell._replace(release=release.name) if known_as else cell)
                every[name[cell]] = count
            public |= {name[cell] for cell in release.published}
            for group in groups:
                if all(cell in then for cell in group.members):
                    sums[KnownSum(name[group.total], tuple(name[part] for part in group.parts))] = None
        if any(count < 0 for count in every.values()):
            raise ValueError("a count is negative")
        for group in sums:
            if every[group.total] != sum(every[part] for part in group.parts):
                raise ValueError(f"the parts do not add up: {group}")
        return cls(every, frozenset(public), tuple(sums))
