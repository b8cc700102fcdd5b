"""How much of a measure says nowhere where it happened: rows that no district's figure can hold."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sia import geography
from sia.geography import AreaType
from sia.measures.register import Measure


@dataclass(frozen=True, slots=True)
class Unlocated:
    """So many without a place, of so many that the source sent for the quarter, wherever they lie."""

    number: float
    of: float

    @property
    def per_cent(self) -> float:
        return 100 * self.number / self.of


def unlocated(measure: Measure, lines: pd.DataFrame) -> Unlocated | None:
    """What bends the districts' figures, and by how much; none where everything has a place or the share is unknown.

    Args:
        measure: the measure.
        lines: its lines by area code.
    """
    if measure.kind != "count" or not (lines["area_type"] == AreaType.UNKNOWN).any():
        return None
    parts = lines[lines["area_type"].isin([AreaType.OUTSIDE, AreaType.UNKNOWN])]["quarter_number"]
    number = lines.loc[lines["area_type"] == AreaType.UNKNOWN, "quarter_number"].sum(skipna=False)
    of = parts.sum(skipna=False) + lines.at[geography.county().code, "quarter_number"]
    return Unlocated(float(number), float(of)) if of > 0 and number > 0 else None
