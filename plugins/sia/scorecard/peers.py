"""Partnerships compared with their peers and with England and Wales, from the ONS's own tables of recorded crime.

Peers are an area's ONS nearest neighbours or, where the unit has supplied a list, its most similar group. The two lists
are kept apart and never called by each other's name. All figures of a row are the ONS's, for the same twelve months:
they are not the quarter's figures, and not from a partner's return.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sia.registers.measures import Measure


class PeerListKind(StrEnum):
    """What makes other areas an area's peers."""

    NEAREST_NEIGHBOURS = "nearest_neighbours"
    MOST_SIMILAR_GROUP = "most_similar_group"


@dataclass(frozen=True, slots=True)
class PeerList:
    """The list that says who an area's peers are; of a supplied one who made it, and for which year."""

    kind: PeerListKind
    made_by: str | None = None
    year: int | None = None


class PeerRow(NamedTuple):
    """A partnership and a group of offences compared with the peers of one list, as the warehouse gives it."""

    kind: str
    list_made_by: str | None
    list_year: int | None
    area_code: str
    year_to: date
    offence: str
    rate: float | None
    peers_listed: int
    peers_compared: int
    peers_lowest: float | None
    peers_median: float | None
    peers_highest: float | None
    peers_higher: int
    england_and_wales: float | None


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """A partnership compared with its peers in what the ONS counts for a measure.

    Rates are for each 1,000 residents in the twelve months that end with the month of ``year_to``, and ``None`` where
    not known. ``compared`` of the ``listed`` peers have figures; ``higher`` of them have a higher rate.
    """

    measure_id: str
    area_code: str
    year_to: date
    rate: float | None
    listed: int
    compared: int
    lowest: float | None
    median: float | None
    highest: float | None
    higher: int
    england_and_wales: float | None


@dataclass(frozen=True, slots=True)
class PeerTable:
    """The comparisons of one list: measures in the order of the register, partnerships in reading order."""

    peers: PeerList
    rows: tuple[PeerComparison, ...]


def compare_with_peers(measures: Sequence[Measure], rows: Iterable[PeerRow]) -> tuple[PeerTable, ...]:
    """The comparisons of each list; a measure takes part if it says which group of offences the ONS counts for it.

    Args:
        measures: the register.
        rows: of one year, in the order of lists and partnerships.
    """
    by_offence: dict[str, list[PeerRow]] = {}
    tables: dict[PeerList, list[PeerComparison]] = {}
    for row in rows:
        by_offence.setdefault(row.offence, []).append(row)
        tables.setdefault(_list(row), [])
    for measure in measures:
        for row in by_offence.get(measure.recorded_as or "", ()):
            tables[_list(row)].append(_comparison(measure, row))
    return tuple(PeerTable(peers, tuple(compared)) for peers, compared in tables.items() if compared)


def _list(row: PeerRow) -> PeerList:
    kind = PeerListKind(row.kind)
    if kind is PeerListKind.NEAREST_NEIGHBOURS:
        return PeerList(kind)
    return PeerList(kind, row.list_made_by, row.list_year)


def _comparison(measure: Measure, row: PeerRow) -> PeerComparison:
    return PeerComparison(
        measure_id=measure.id,
        area_code=row.area_code,
        year_to=row.year_to,
        rate=_number(row.rate),
        listed=row.peers_listed,
        compared=row.peers_compared,
        lowest=_number(row.peers_lowest),
        median=_number(row.peers_median),
        highest=_number(row.peers_highest),
        higher=row.peers_higher,
        england_and_wales=_number(row.england_and_wales),
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
