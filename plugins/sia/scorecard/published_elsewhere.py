"""What others publish of our counts, and the ranges in which readers therefore take them to be.

The ONS publishes recorded crime of twelve months for the places that we report. It counts the same crimes, but not at
the same time, so that its number is near ours. Readers have seen how near: we take them to expect no larger difference
than the largest so far. The ONS's rates are rounded, so they tell no more than its numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from sia.disclosure.additive import DisclosureCell, KnownRange, Span
from sia.geography import Areas
from sia.registers.measures import Measure


class FigureElsewhere(NamedTuple):
    """A number that others publish for a district and the twelve months that end with the month of ``year_to``.

    ``recorded_as``: the group of offences. ``lowest`` and ``highest``: they differ if it is published more than once.
    """

    recorded_as: str
    area_code: str
    year_to: date
    lowest: int
    highest: int


def ranges_elsewhere(
    figures: Collection[FigureElsewhere],
    versions: Sequence[Mapping[DisclosureCell, int]],
    components: Mapping[str, str],
    areas: Areas,
) -> list[KnownRange]:
    """The ranges of the counts that others publish too. Each holds our count in every version.

    Args:
        figures: what they publish of districts. A larger area is the sum of its districts if all are there.
        versions: our counts, as each release knew them.
        components: by group of offences, the component that counts the same.
        areas: the register of areas.
    """
    theirs: dict[DisclosureCell, tuple[int, int]] = {}
    for figure in figures:
        if component := components.get(figure.recorded_as):
            after = figure.year_to.year * 12 + figure.year_to.month
            cell = DisclosureCell(component, figure.area_code, Span(after - 12, after))
            theirs[cell] = (figure.lowest, figure.highest)
    ours = dict.fromkeys(cell for counts in versions for cell in counts if cell.component in components.values())
    for cell in [cell for cell in ours if cell.area in areas]:
        parts = [cell._replace(area=code) for code in areas[cell.area].member_codes(cell.span.start)]
        if parts and all(part in theirs for part in parts):
            theirs[cell] = (sum(theirs[part][0] for part in parts), sum(theirs[part][1] for part in parts))
    both = {cell: ends for cell, ends in theirs.items() if cell in ours}
    largest: dict[str, Fraction] = {}
    for cell, (lowest, highest) in both.items():
        for count in (counts[cell] for counts in versions if cell in counts):
            difference = Fraction(max(count - highest, lowest - count, 0), max(1, highest))
            largest[cell.component] = max(largest.get(cell.component, difference), difference)
    return [
        KnownRange(
            cell,
            max(0, ceil(lowest - largest[cell.component] * max(1, highest))),
            floor(highest + largest[cell.component] * max(1, highest)),
        )
        for cell, (lowest, highest) in both.items()
    ]


def components_elsewhere(measures: Sequence[Measure]) -> dict[str, str]:
    """By group of offences, the component of the measure that counts the same crimes."""
    return {
        measure.recorded_as: f"{measure.return_name}.{measure.numerator}" for measure in measures if measure.recorded_as
    }
