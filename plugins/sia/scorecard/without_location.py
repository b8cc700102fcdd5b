"""How much of a measure has no recorded location: rows that no district's figure can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sia.geography import Areas, AreaType
from sia.registers.measures import Measure
from sia.scorecard.line import Line
from sia.scorecard.registry import QUARTER_NUMBER


@dataclass(frozen=True, slots=True)
class WithoutLocation:
    """So many rows without a location, of so many that the sender sent for the quarter, wherever they are."""

    number: float
    out_of: float

    @property
    def per_cent(self) -> float:
        """The share, in per cent."""
        return 100 * self.number / self.out_of


def without_location(measure: Measure, lines: Mapping[str, Line], areas: Areas) -> WithoutLocation | None:
    """What makes the districts' figures too low, and by how much.

    Args:
        measure: the measure.
        lines: its lines by area code.
        areas: the register of areas.

    Returns:
        None where every row has a location, or the share is not known.
    """
    if measure.kind != "count":
        return None
    number = out_of = 0.0
    for area in areas.of_type(AreaType.COUNTY, AreaType.OUTSIDE, AreaType.UNKNOWN):
        if area.code in lines:
            value = lines[area.code].value(QUARTER_NUMBER)
            if value is None:
                return None
            out_of += value
            number += value if area.type is AreaType.UNKNOWN else 0
    return WithoutLocation(number, out_of) if number > 0 else None
