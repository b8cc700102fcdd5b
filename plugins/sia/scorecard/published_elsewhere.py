"""What others publish of our counts, and the ranges in which readers therefore take them to be.

The ONS publishes recorded crime of twelve months for the places that we report. It counts the same crimes, but not at
the same time, so that its number is near ours. Readers have seen how near: we take them to expect what is true of nine
in ten figures that both of us have. The ONS's rates are rounded, so they tell no more than its numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from sia.disclosure.additive import DisclosureCell, KnownRange, Span
from sia.geography import Areas
from sia.registers.measures import Measure

NEARNESS = 0.9
"""The share of the figures that both have whose difference is within what readers expect."""


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
    counts: Mapping[DisclosureCell, int],
    components: Mapping[str, str],
    areas: Areas,
) -> list[KnownRange]:
    """The ranges of the counts that others publish too. Each holds our count.

    Args:
        figures: what they publish of districts. A larger area is the sum of its districts if all are there.
        counts: ours.
        components: by group of offences, the component that counts the same.
        areas: the register of areas.
    """
    theirs: dict[DisclosureCell, tuple[int, int]] = {}
    for figure in figures:
        if component := components.get(figure.recorded_as):
            after = figure.year_to.year * 12 + figure.year_to.month
            cell = DisclosureCell(component, figure.area_code, Span(after - 12, after))
            theirs[cell] = (figure.lowest, figure.highest)
    for cell in [cell for cell in counts if cell.area in areas and cell.component in components.values()]:
        parts = [cell._replace(area=code) for code in areas[cell.area].member_codes(cell.span.start)]
        if parts and all(part in theirs for part in parts):
            theirs[cell] = (sum(theirs[part][0] for part in parts), sum(theirs[part][1] for part in parts))
    both = {cell: ends for cell, ends in theirs.items() if cell in counts}
    expected = _expected_differences(both, counts)
    ranges = []
    for cell, (lowest, highest) in both.items():
        beyond = expected[cell.component] * highest
        least, most = max(0, ceil(lowest - beyond)), floor(highest + beyond)
        ranges.append(KnownRange(cell, min(least, counts[cell]), max(most, counts[cell])))
    return ranges


def _expected_differences(
    both: Mapping[DisclosureCell, tuple[int, int]], counts: Mapping[DisclosureCell, int]
) -> dict[str, float]:
    """By component, how far our counts are from theirs in nine of ten, as a share of the latter."""
    differences: dict[str, list[float]] = {}
    for cell, (lowest, highest) in both.items():
        beyond = max(counts[cell] - highest, lowest - counts[cell], 0)
        differences.setdefault(cell.component, []).append(beyond / max(1, highest))
    return {component: float(np.quantile(shares, NEARNESS)) for component, shares in differences.items()}


def components_elsewhere(measures: Sequence[Measure]) -> dict[str, str]:
    """By group of offences, the component of the measure that counts the same crimes."""
    return {
        measure.recorded_as: f"{measure.return_name}.{measure.numerator}" for measure in measures if measure.recorded_as
    }
