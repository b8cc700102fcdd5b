"""How much a measure is typically revised after it was first known, from our own history of what was known when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.geography import Area
from sia.scorecard.amounts import AmountKey, AmountsByCell, Status
from sia.statistics.intervals import half_up

_DECIMALS = 1
"""Percentages are published to this precision, so that they do not lead back to a figure that was never published."""


class FirstAndLastKnown(NamedTuple):
    """What the county's figure of a measure and quarter was when it was first known, and is as last known."""

    measure_id: str
    quarter_key: str
    first_known: float
    last_known: float


@dataclass(frozen=True, slots=True)
class TypicalRevision:
    """How many of so many ``quarters`` were ``revised``, and by how many per cent of what was first known.

    ``median``, ``lowest`` and ``highest`` are those of the quarters that were revised; 0 where none was.
    """

    quarters: int
    revised: int
    median: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0


def typical_revisions(
    history: Iterable[FirstAndLastKnown],
    amounts: AmountsByCell,
    county: Area,
    smallest: int,
    once_hidden: Collection[AmountKey] = (),
) -> dict[str, TypicalRevision]:
    """The typical revision of each measure of counts; none where there is no history.

    Args:
        history: of the county.
        amounts: the amounts that are shown: a quarter whose amount is hidden is left out.
        county: the county.
        smallest: counts below it are too small for a percentage, and are left out.
        once_hidden: what an earlier release hid is left out too: the percentage would lead back to it from the amount
            that is shown now.
    """
    changes: dict[str, list[float]] = {}
    for row in history:
        key = (row.measure_id, county.code, Span.quarter(Quarter.parse(row.quarter_key)))
        amount = amounts.get(key)
        first, last = float(row.first_known), float(row.last_known)
        is_shown = amount is not None and amount.status is Status.REPORTED and key not in once_hidden
        if is_shown and min(first, last) >= smallest:
            changes.setdefault(row.measure_id, []).append(100 * (last - first) / first)
    return {measure_id: _typical(percentages) for measure_id, percentages in changes.items()}


def _typical(changes: list[float]) -> TypicalRevision:
    revised = [change for change in changes if change]
    if not revised:
        return TypicalRevision(len(changes), 0)
    middle, lowest, highest = (
        float(half_up(value, _DECIMALS)) for value in (median(revised), min(revised), max(revised))
    )
    return TypicalRevision(len(changes), len(revised), middle, lowest, highest)
