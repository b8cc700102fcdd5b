"""The comparisons with an area's peers in words and digits, for page, workbook and data alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan

import pandas as pd

from sia import geography
from sia.geography import Area
from sia.presentation.figures import NOT_APPLICABLE, NOT_AVAILABLE, digits
from sia.registers.measures import Measure
from sia.scorecard.peers import BesidePeers, Comparison, PeerList
from sia.scorecard.scorecard import Scorecard
from sia.statistics.intervals import half_up

NEAREST = "Beside ONS nearest neighbours and England and Wales"

COLUMNS = (
    "quarter", "comparison", "list_made_by", "list_year", "source", "twelve_months_to", "measure_id", "measure",
    "area_code", "area", "rate_per_1000", "peers_lowest", "peers_median", "peers_highest", "peers_higher",
    "peers_compared", "england_and_wales",
)  # fmt: skip
"""Every column of the comparisons as data, in order; the rates are for each 1,000 residents in the twelve months."""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure, a partnership, and what stands under the headings."""

    measure: Measure
    area: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison as it is shown.

    ``anchor`` is its place on a page, ``sheet`` its sheet's name, ``note`` what must stand beside it; ``rows`` are in
    the order of the register, partnerships in reading order.
    """

    anchor: str
    sheet: str
    title: str
    headings: tuple[str, ...]
    note: str
    rows: tuple[Row, ...]

    @property
    def by_measure(self) -> dict[str, list[Row]]:
        """The rows by the measure's title."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.measure.title, []).append(row)
        return found

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a sheet's table: measure, partnership, and the headings."""
        columns = ["Measure", "Partnership", *self.headings]
        return pd.DataFrame([(row.measure.title, row.area, *row.cells) for row in self.rows], columns=columns)


def compared(scorecard: Scorecard) -> tuple[Compared, ...]:
    """The comparisons, ONS nearest neighbours first; none where nothing is held."""
    return tuple(_compared(scorecard, peers, found) for peers, found in scorecard.peers.items())


def peers_csv(scorecard: Scorecard) -> bytes:
    """The comparisons as UTF-8 CSV with a heading line: one row a list, measure and partnership; no cell is empty.

    Rates are rounded as the page shows them.
    """
    rows = [
        (
            scorecard.quarter.key,
            peers.comparison.value,
            peers.made_by or NOT_APPLICABLE,
            peers.year or NOT_APPLICABLE,
            "Office for National Statistics, police recorded crime",
            f"{beside.year_to:%Y-%m}",
            measure.id,
            measure.title,
            area.code,
            area.name,
            _number(beside.rate),
            _number(beside.lowest),
            _number(beside.median),
            _number(beside.highest),
            beside.higher,
            beside.compared,
            _number(beside.england_and_wales),
        )
        for peers, found in scorecard.peers.items()
        for measure, area, beside in _in_order(scorecard, found)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False, lineterminator="\n").encode()


def _compared(scorecard: Scorecard, peers: PeerList, found: Mapping[tuple[str, str], BesidePeers]) -> Compared:
    year_to = next(iter(found.values())).year_to
    source = (
        f"Police recorded crime in the twelve months to {year_to:%B %Y}, all of it from the tables of the Office for "
        "National Statistics: these are not the quarter's figures, and not those of a partner's return. "
    )
    rates = (
        "The ONS may divide by population estimates of one year for partnerships and of a newer one for England and "
        "Wales."
    )
    rows = tuple(Row(measure, area.name, _cells(beside)) for measure, area, beside in _in_order(scorecard, found))
    if peers.comparison is Comparison.NEAREST_NEIGHBOURS:
        note = (
            "An area is compared with the authorities that the ONS finds statistically nearest to it. These are ONS "
            "nearest neighbours and not the most similar group that the police use. South and Vale is two partnerships "
            "there: its figures are their sum, and its neighbours those of both, without either. A neighbour that "
            "shares a partnership with others has that partnership's figures. "
        )
        headings = _headings("Neighbours: median", "Neighbours: lowest to highest", "Neighbours with a higher rate")
        return Compared("nearest", "Nearest neighbours", NEAREST, headings, source + note + rates, rows)
    note = (
        f"An area is compared with the partnerships of its most similar group, by a list that {peers.made_by} made for "
        f"{peers.year} and that the unit supplied. These are not its ONS nearest neighbours. South and Vale is two "
        "partnerships there: its figures are their sum, and its group those of both, without either. "
    )
    return Compared(
        "similar",
        "Most similar group",
        f"Most similar group (list supplied by {peers.made_by}, {peers.year})",
        _headings("Group: median", "Group: lowest to highest", "In the group with a higher rate"),
        source + note + rates,
        rows,
    )


def _headings(*of_peers: str) -> tuple[str, ...]:
    return ("Rate per 1,000 residents", *of_peers, "England and Wales")


def _in_order(
    scorecard: Scorecard, found: Mapping[tuple[str, str], BesidePeers]
) -> Iterator[tuple[Measure, Area, BesidePeers]]:
    for measure in scorecard.measures:
        for area in geography.csps():
            if beside := found.get((measure.id, area.code)):
                yield measure, area, beside


def _cells(beside: BesidePeers) -> tuple[str, ...]:
    return (
        _rate(beside.rate),
        _rate(beside.median),
        f"{_rate(beside.lowest)} to {_rate(beside.highest)}",
        f"{beside.higher} of {beside.compared}",
        _rate(beside.england_and_wales),
    )


def _rate(value: float) -> str:
    return NOT_AVAILABLE if isnan(value) else digits(value, 1)


def _number(value: float) -> str:
    return NOT_AVAILABLE if isnan(value) else str(half_up(value, 1))
