"""How much of a measure says nowhere where it happened: rows that no district's figure can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sia.geography import AreaType
from sia.registers.measures import Measure
from sia.scorecard.scorecard import Line


@dataclass(frozen=True, slots=True)
class Unlocated:
    """So many without a place, of so many that the source sent for the quarter, wherever they lie."""

    number: float
    of: float

    @property
    def per_cent(self) -> float:
        """The share, in per cent."""
        return 100 * self.number / self.of


def unlocated(measure: Measure, lines: Mapping[str, Line]) -> Unlocated | None:
    """What bends the districts' figures, and by how much; none where everything has a place or the share is unknown.

    Args:
        measure: the measure.
        lines: its lines by area code.
    """
    if measure.kind != "count":
        return None
    numbers = {
        kind: [line["quarter_number"] for line in lines.values() if line["area_type"] == kind]
        for kind in (AreaType.COUNTY, AreaType.OUTSIDE, AreaType.UNKNOWN)
    }
    number, of = sum(numbers[AreaType.UNKNOWN]), sum(sum(parts) for parts in numbers.values())
    return Unlocated(number, of) if number > 0 and of > 0 else None
