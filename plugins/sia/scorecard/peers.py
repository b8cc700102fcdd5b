"""Partnerships beside their peers and England and Wales, from the ONS's own tables of recorded crime.

Peers are an area's ONS nearest neighbours or, where the unit has supplied a list, its most similar group: two lists
that are told apart and never called by each other's name. All figures of a row are the ONS's, of the same twelve
months, so that like is compared with like: they are not the quarter's, and not from a partner's return.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import nan
from typing import Any

import pandas as pd

from sia.registers.measures import Measure


class Comparison(StrEnum):
    """What makes others an area's peers."""

    NEAREST_NEIGHBOURS = "nearest_neighbours"
    MOST_SIMILAR_GROUP = "most_similar_group"


@dataclass(frozen=True, slots=True)
class PeerList:
    """The list that says who an area's peers are; of a supplied one who made it, and for which year."""

    comparison: Comparison
    made_by: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class BesidePeers:
    """One partnership beside its peers in what the ONS counts for a measure.

    Rates are for each 1,000 residents in the twelve months that end with the month of ``year_to``; ``together`` is that
    of all peers as if they were one. ``compared`` of the ``listed`` peers have figures, ``higher`` of them a higher
    rate. What is not known is NaN.
    """

    year_to: date
    rate: float
    listed: int
    compared: int
    together: float
    lowest: float
    median: float
    highest: float
    higher: int
    england_and_wales: float


def beside_peers(
    measures: Sequence[Measure], published: pd.DataFrame
) -> Mapping[PeerList, Mapping[tuple[str, str], BesidePeers]]:
    """The comparisons of each list by measure and partnership, in the order of the register.

    Args:
        measures: the register; a measure takes part if it says what the ONS counts for the same thing.
        published: one row a list, partnership and group of offences of one year, columns as
            ``marts.crime_beside_peers_known_at`` gives them.
    """
    rows = published.to_dict("records")
    found: dict[PeerList, dict[tuple[str, str], BesidePeers]] = {}
    for measure in measures:
        for row in rows:
            if measure.recorded_as and row["offence"] == measure.recorded_as:
                found.setdefault(_list(row), {})[measure.id, row["area_code"]] = _beside(row)
    return found


def _list(row: Mapping[Hashable, Any]) -> PeerList:
    comparison = Comparison(row["comparison"])
    if comparison is Comparison.NEAREST_NEIGHBOURS:
        return PeerList(comparison, None, None)
    return PeerList(comparison, row["list_made_by"], int(row["list_year"]))


def _beside(row: Mapping[Hashable, Any]) -> BesidePeers:
    return BesidePeers(
        year_to=row["year_to"],
        rate=_number(row["rate_per_1000"]),
        listed=int(row["peers_listed"]),
        compared=int(row["peers"]),
        together=_number(row["peers_rate_per_1000"]),
        lowest=_number(row["peers_lowest_per_1000"]),
        median=_number(row["peers_median_per_1000"]),
        highest=_number(row["peers_highest_per_1000"]),
        higher=int(row["peers_higher"]),
        england_and_wales=_number(row["england_and_wales_per_1000"]),
    )


def _number(value: object) -> float:
    return nan if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
