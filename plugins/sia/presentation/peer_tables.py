"""The comparisons with an area's peers as text, for page, workbook and data file alike."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO

from sia.geography import Areas
from sia.presentation.number_format import digits
from sia.presentation.symbols import NOT_APPLICABLE, NOT_AVAILABLE
from sia.registers.measures import Measure
from sia.scorecard.peers import PeerComparison, PeerListKind, PeerTable
from sia.scorecard.scorecard import Scorecard
from sia.statistics.intervals import half_up

NEAREST = "Compared with ONS nearest neighbours and England and Wales"

COLUMNS = (
    "quarter", "comparison", "list_made_by", "list_year", "source", "twelve_months_to", "measure_id", "measure",
    "area_code", "area", "rate_per_1000", "peers_lowest", "peers_median", "peers_highest", "peers_higher",
    "peers_compared", "england_and_wales",
)  # fmt: skip
"""Every column of the data file, in order; the rates are for each 1,000 residents in the twelve months."""


@dataclass(frozen=True, slots=True)
class PeerTableRow:
    """A measure, a partnership, and the text under the headings."""

    measure: Measure
    area: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeerTableText:
    """One comparison as it is shown. ``anchor`` is its place on a page, ``note`` what must be read with it."""

    anchor: str
    sheet: str
    title: str
    headings: tuple[str, ...]
    note: str
    rows: tuple[PeerTableRow, ...]

    @property
    def by_measure(self) -> dict[str, list[PeerTableRow]]:
        """The rows by the measure's title."""
        rows: dict[str, list[PeerTableRow]] = {}
        for row in self.rows:
            rows.setdefault(row.measure.title, []).append(row)
        return rows


def peer_tables(scorecard: Scorecard) -> tuple[PeerTableText, ...]:
    """The comparisons, ONS nearest neighbours first; none where the warehouse has no such tables."""
    return tuple(_table(scorecard, table) for table in scorecard.peers)


def peers_csv(scorecard: Scorecard) -> bytes:
    """The comparisons as UTF-8 CSV with a heading line: a row for each list, measure and partnership; no cell is empty.

    Rates are rounded as the page shows them.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for table in scorecard.peers:
        for row in table.rows:
            writer.writerow(
                (
                    scorecard.quarter.key,
                    table.peers.kind.value,
                    table.peers.made_by or NOT_APPLICABLE,
                    table.peers.year or NOT_APPLICABLE,
                    "Office for National Statistics, police recorded crime",
                    f"{row.year_to:%Y-%m}",
                    row.measure_id,
                    scorecard.measure(row.measure_id).title,
                    row.area_code,
                    scorecard.areas[row.area_code].name,
                    _number(row.rate),
                    _number(row.lowest),
                    _number(row.median),
                    _number(row.highest),
                    row.higher,
                    row.compared,
                    _number(row.england_and_wales),
                )
            )
    return text.getvalue().encode()


def _table(scorecard: Scorecard, table: PeerTable) -> PeerTableText:
    peers = table.peers
    source = (
        f"Police recorded crime in the twelve months to {table.rows[0].year_to:%B %Y}. All of it is from the tables of "
        "the Office for National Statistics (ONS): these are not the quarter's figures, and not those of a partner's "
        "return. "
    )
    rates = (
        " The ONS may use population estimates of one year for partnerships and of a later year for England and Wales."
    )
    rows = tuple(
        PeerTableRow(scorecard.measure(row.measure_id), scorecard.areas[row.area_code].name, _cells(row))
        for row in table.rows
    )
    if peers.kind is PeerListKind.NEAREST_NEIGHBOURS:
        note = (
            "An area is compared with the authorities that the ONS finds statistically nearest to it. These are ONS "
            "nearest neighbours, not the most similar group that the police use."
            f"{_together(scorecard.areas, 'neighbours')} A neighbour that shares a partnership with others has that "
            "partnership's figures."
        )
        headings = _headings("Neighbours: median", "Neighbours: lowest to highest", "Neighbours with a higher rate")
        return PeerTableText("nearest", "Nearest neighbours", NEAREST, headings, source + note + rates, rows)
    note = (
        f"An area is compared with the partnerships of its most similar group. The list is for {peers.year}: "
        f"{peers.made_by} made it and the unit supplied it. These are not the ONS nearest neighbours."
        f"{_together(scorecard.areas, 'group')}"
    )
    return PeerTableText(
        "similar",
        "Most similar group",
        f"Most similar group (list supplied by {peers.made_by}, {peers.year})",
        _headings("Group: median", "Group: lowest to highest", "In the group with a higher rate"),
        source + note + rates,
        rows,
    )


def _together(areas: Areas, peers: str) -> str:
    """How partnerships of several districts are compared, which the ONS counts as one for each district."""
    return "".join(
        f" {csp.short_name} is several partnerships in these tables: its figures are their sum, and its {peers} those "
        "of all of them, without themselves."
        for csp in areas.csps
        if len(csp.members) > 1
    )


def _headings(*of_peers: str) -> tuple[str, ...]:
    return ("Rate per 1,000 residents", *of_peers, "England and Wales")


def _cells(row: PeerComparison) -> tuple[str, ...]:
    return (
        _rate(row.rate),
        _rate(row.median),
        f"{_rate(row.lowest)} to {_rate(row.highest)}",
        f"{row.higher} of {row.compared}",
        _rate(row.england_and_wales),
    )


def _rate(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else digits(value, 1)


def _number(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else str(half_up(value, 1))
