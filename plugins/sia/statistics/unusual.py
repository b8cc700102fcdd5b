"""Which figures of a return are far from what its sender usually sends, so that we ask about them.

Two things are compared with the earlier quarters of the same sender: the total of each figure, and the share that each
area has of it. Both use the season and the spread of the scorecard (``change.compare_last``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

from sia.statistics.change import Comparison, Quantity, compare_last

FALSE_QUESTIONS = 0.3
"""How many figures of a return chance alone may show as unusual, on average. It is divided among all comparisons."""

FAR = 1.5
"""A figure is far from usual from so many times the usual one on, or below one so many-th of it."""

_QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a return by quarter, oldest first, in each area; NaN where it was not received.

    ``quantity``: what is counted. All areas have as many quarters.
    """

    name: str
    quantity: Quantity
    by_area: Mapping[str, Sequence[float]]

    @property
    def total(self) -> list[float]:
        """The sum of all areas, by quarter."""
        return [sum(numbers) for numbers in zip(*self.by_area.values(), strict=True)]


@dataclass(frozen=True, slots=True)
class Unusual:
    """A figure whose last quarter is far from usual: in ``area``, its share of the total, or else the total."""

    name: str
    area: str | None
    is_more: bool


def unusual_figures(figures: Sequence[Figure]) -> list[Unusual]:
    """The figures whose last quarter is far from usual, in their order.

    Where the total of a figure is far from usual, its areas are left out: one question about it is enough.
    """
    compared = [(unusual, part) for figure in figures for unusual, part in _comparisons(figure)]
    limit = FALSE_QUESTIONS / max(1, len(compared))
    far = [unusual for unusual, part in compared if part.chance <= limit and _is_far(part)]
    totals = {unusual.name for unusual in far if unusual.area is None}
    return [unusual for unusual in far if unusual.area is None or unusual.name not in totals]


def _is_far(part: Comparison) -> bool:
    return isnan(part.ratio) or part.ratio >= FAR or part.ratio <= 1 / FAR


def _comparisons(figure: Figure) -> Iterator[tuple[Unusual, Comparison]]:
    total = figure.total
    whole = [1.0 if isfinite(number) else nan for number in total]
    if part := compare_last(total, [1.0] * len(total), _QUARTERS, quantity=figure.quantity):
        yield Unusual(figure.name, None, part.ratio > 1), part
    if len(figure.by_area) < 2:
        return
    quantity = Quantity.SHARE if figure.quantity is Quantity.COUNT else figure.quantity
    for area, numbers in figure.by_area.items():
        known = [number if isfinite(here) else nan for number, here in zip(numbers, whole, strict=True)]
        if part := compare_last(known, total, _QUARTERS, quantity=quantity):
            yield Unusual(figure.name, area, part.ratio > 1), part
