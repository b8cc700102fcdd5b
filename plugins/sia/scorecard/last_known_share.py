"""What a figure that was not received stands for: its area's share of the county's total when both were last held.

Only what adds up over areas has such a share: counts and pounds that roll up from district to county. It is made of
amounts that are shown, so that a share is hidden wherever one of the two that it rests on is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

from sia import geography
from sia.calendar import Quarter
from sia.geography import Area, AreaType
from sia.registers.measures import Measure
from sia.scorecard.amounts import QUARTERS_JUDGED, Held, Status, quarter_of

_WITH_A_SHARE = frozenset({AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT})
_SAID = frozenset({Status.REPORTED, Status.CONFIDENTIAL})


@dataclass(frozen=True, slots=True)
class Share:
    """An area's share of the county's total in a quarter, in per cent; NaN where it is hidden."""

    quarter: Quarter
    per_cent: float

    @property
    def hidden(self) -> bool:
        """Whether it would give a hidden amount away."""
        return isnan(self.per_cent)


def last_known_share(measure: Measure, area: Area, quarter: Quarter, held: Held) -> Share | None:
    """The newest share before a quarter, of the five years that a scorecard looks at.

    A quarter counts if the measure was held whole then, in the area and in the county, and the county had any. The
    newest such quarter is taken though its share be hidden: an older one would be no last known share.

    Args:
        measure: the measure.
        area: the area; the county is the whole of its own total.
        quarter: the quarter that was not received.
        held: the amounts that are shown.

    Returns:
        None where the measure does not add up over areas, or nothing was held before.
    """
    if measure.kind not in ("count", "money") or not measure.aggregates_up or area.type not in _WITH_A_SHARE:
        return None
    for back in range(1, QUARTERS_JUDGED):
        then = quarter.plus(-back)
        part, whole = (quarter_of(held, measure, code, then) for code in (area.code, geography.county().code))
        if not {part.status, whole.status} <= _SAID:
            continue
        if Status.CONFIDENTIAL in (part.status, whole.status):
            return Share(then, nan)
        if whole.number > 0:
            return Share(then, 100 * part.number / whole.number)
    return None
