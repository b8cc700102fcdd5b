"""The share of what a sender counts that has a location: what no location is recorded for is in no area's figure.

It is part of what the figures of areas grow with: where more rows have a location, areas count more with no more crime.
"""

from __future__ import annotations

from collections.abc import Sequence

from sia.disclosure.additive import Span
from sia.geography import Areas, AreaType
from sia.registers.measures import Measure
from sia.scorecard.amounts import AmountsByCell, Status


def located_shares(measure: Measure, amounts: AmountsByCell, areas: Areas, spans: Sequence[Span]) -> list[float]:
    """The shares of a measure's count that have a location, by span; all 1 if one of them is not known.

    Args:
        measure: the measure.
        amounts: the amounts that are shown.
        areas: the register of areas.
        spans: the periods of a series. One of which the county has no amount says nothing of the others.
    """
    county = areas.county.code
    known = [span for span in spans if (measure.id, county, span) in amounts]
    shares = {span: share for span in known if (share := _located_share(measure, amounts, areas, span)) is not None}
    return [shares.get(span, 1.0) if len(shares) == len(known) else 1.0 for span in spans]


def _located_share(measure: Measure, amounts: AmountsByCell, areas: Areas, span: Span) -> float | None:
    of_places = [
        (area.type, amount)
        for area in areas.of_type(AreaType.UNKNOWN, AreaType.COUNTY, AreaType.OUTSIDE)
        if (amount := amounts.get((measure.id, area.code, span)))
    ]
    unknown = [amount.number for kind, amount in of_places if kind is AreaType.UNKNOWN]
    located = sum(amount.number for kind, amount in of_places if kind is not AreaType.UNKNOWN)
    if not unknown or not located or any(amount.status is not Status.REPORTED for _, amount in of_places):
        return None
    return located / (located + sum(unknown))
