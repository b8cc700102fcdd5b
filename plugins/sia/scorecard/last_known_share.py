"""What share of the county's total a missing figure had when both were last known.

Only counts and pounds that add up from district to county have such a share. It is worked out from amounts that are
shown, so a share is hidden wherever one of its two amounts is.
"""

from __future__ import annotations

from dataclasses import dataclass

from sia.calendar import Quarter
from sia.geography import Area, AreaType
from sia.registers.measures import Measure
from sia.scorecard.amounts import LOOKBACK_QUARTERS, AmountsByCell, Status, quarter_amount
from sia.scorecard.estimates import known
from sia.scorecard.periods import KeyedQuarter

_AREA_TYPES = frozenset({AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT})


@dataclass(frozen=True, slots=True)
class LastKnownShare:
    """An area's share of the county's total in a quarter, in per cent; ``None`` where it is hidden."""

    quarter: KeyedQuarter
    per_cent: float | None


def last_known_share(
    measure: Measure, area: Area, county: Area, quarter: Quarter, amounts: AmountsByCell
) -> LastKnownShare | None:
    """The newest share before a quarter, within the five years that a scorecard looks back.

    A quarter counts if both amounts were complete then and the county's was not 0. The newest such quarter is used even
    if its share is hidden: an older one would not be the last known share.

    Args:
        measure: the measure.
        area: the area; the county's own share is all of its total.
        county: the county.
        quarter: the quarter that was not received.
        amounts: the amounts that are shown.

    Returns:
        None where the measure does not add up over areas, or nothing was known before.
    """
    if measure.kind not in ("count", "money") or not measure.aggregates_up or area.type not in _AREA_TYPES:
        return None
    for back in range(1, LOOKBACK_QUARTERS):
        then = quarter.plus(-back)
        part, whole = (quarter_amount(amounts, measure, code, then) for code in (area.code, county.code))
        statuses = (part.status, whole.status)
        if not all(status is Status.REPORTED or status.is_hidden for status in statuses):
            continue
        if any(status.is_hidden for status in statuses):
            return LastKnownShare(then, None)
        if whole.number > 0:
            return LastKnownShare(then, known(100 * part.number / whole.number))
    return None
