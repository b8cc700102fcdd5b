"""The comparison with ONS nearest neighbours in words and digits, for page and workbook alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from sia import geography
from sia.measures.register import Measure
from sia.publication.figures import NOT_AVAILABLE, digits
from sia.scorecard.neighbours import Neighbours
from sia.scorecard.scorecard import Scorecard

TITLE = "Beside ONS nearest neighbours and England and Wales"
HEADINGS = (
    "Rate per 1,000 residents",
    "Neighbours: median",
    "Neighbours: lowest to highest",
    "Neighbours with a higher rate",
    "England and Wales",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One row: a measure, a partnership, and what stands under ``HEADINGS``."""

    measure: Measure
    area: str
    cells: tuple[str, ...]


def compared(scorecard: Scorecard) -> tuple[Compared, ...]:
    """The rows, measures in the order of the register, partnerships in reading order; none where nothing is held."""
    return tuple(_rows(scorecard))


def _rows(scorecard: Scorecard) -> Iterator[Compared]:
    for measure in scorecard.measures:
        for area in geography.csps():
            if found := scorecard.neighbours.get((measure.id, area.code)):
                yield Compared(measure, area.name, _cells(found))


def _cells(found: Neighbours) -> tuple[str, ...]:
    return (
        _rate(found.rate),
        _rate(found.median),
        f"{_rate(found.lowest)} to {_rate(found.highest)}",
        f"{found.higher} of {found.compared}",
        _rate(found.england_and_wales),
    )


def _rate(value: float) -> str:
    return NOT_AVAILABLE if isnan(value) else digits(value, 1)


def note(scorecard: Scorecard) -> str:
    """What must stand beside the comparison; nothing where there is none."""
    if not scorecard.neighbours:
        return ""
    year_to = next(iter(scorecard.neighbours.values())).year_to
    return (
        f"Police recorded crime in the twelve months to {year_to:%B %Y}, all of it from the tables of the Office for "
        "National Statistics: these are not the quarter's figures, and not those of a partner's return. An area is "
        "compared with the authorities that the ONS finds statistically nearest to it. These are ONS nearest "
        "neighbours and not the most similar group that the police use. South and Vale is two partnerships there: its "
        "figures are their sum, and its neighbours those of both, without either. A neighbour that shares a "
        "partnership with others has that partnership's figures. The ONS may divide by "
        "population estimates of one year for partnerships and of a newer one for England and Wales."
    )
