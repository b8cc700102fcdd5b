"""Partnerships beside their ONS nearest neighbours and England and Wales, from the ONS's own tables of recorded crime.

All figures of a row are the ONS's, of the same twelve months, so that like is compared with like: they are not the
quarter's, and not from a partner's return. Nearest neighbours are not the police's most similar groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import nan

import pandas as pd

from sia.measures.register import Measure


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One partnership beside its neighbours in what the ONS counts for a measure.

    Rates are for each 1,000 residents in the twelve months that end with the month of ``year_to``; ``together`` is that
    of all neighbours as if they were one. ``compared`` of the ``listed`` neighbours have figures, ``higher`` of them a
    higher rate. What is not known is NaN.
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


def neighbours(measures: Sequence[Measure], published: pd.DataFrame) -> Mapping[tuple[str, str], Neighbours]:
    """The comparisons by measure and partnership, in the order of the register.

    Args:
        measures: the register; a measure takes part if it says what the ONS counts for the same thing.
        published: one row a partnership and group of offences of one year, columns as
            ``marts.crime_beside_neighbours_known_on`` gives them.
    """
    rows = published.to_dict("records")
    return {
        (measure.id, row["area_code"]): Neighbours(
            year_to=row["year_to"],
            rate=_number(row["rate_per_1000"]),
            listed=int(row["neighbours_listed"]),
            compared=int(row["neighbours"]),
            together=_number(row["neighbours_rate_per_1000"]),
            lowest=_number(row["neighbours_lowest_per_1000"]),
            median=_number(row["neighbours_median_per_1000"]),
            highest=_number(row["neighbours_highest_per_1000"]),
            higher=int(row["neighbours_higher"]),
            england_and_wales=_number(row["england_and_wales_per_1000"]),
        )
        for measure in measures
        if measure.recorded_as
        for row in rows
        if row["offence"] == measure.recorded_as
    }


def _number(value: object) -> float:
    return nan if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
