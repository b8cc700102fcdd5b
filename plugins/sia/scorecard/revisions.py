"""How much a measure is typically revised after it was first known, from our own history of what was held when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

import pandas as pd

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import Span
from sia.scorecard.amounts import Held, Status


@dataclass(frozen=True, slots=True)
class Revision:
    """Of so many ``quarters`` so many were ``revised``, by so many per cent of what was first known.

    ``median``, ``lowest`` and ``highest`` are of the quarters that were revised; 0 where none was.
    """

    quarters: int
    revised: int
    median: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0


def typical_revisions(
    history: pd.DataFrame, held: Held, least: int, once_hidden: Collection[tuple[str, str, Span]] = ()
) -> dict[str, Revision]:
    """The typical revision of each measure of counts; none where there is no history.

    Args:
        history: one row a measure and quarter of the county: ``measure_id, quarter_key, first_known, last_known``.
        held: the amounts that are shown: a quarter whose figure is hidden is left out.
        least: counts below it are too small for a percentage, and are left out.
        once_hidden: what an earlier release hid is left out too: from the figure that is shown now, the percentage
            would lead back to it.
    """
    county = geography.county().code
    changes: dict[str, list[float]] = {}
    for row in history.itertuples(index=False):
        span = Span.quarter(Quarter.parse(str(row.quarter_key)))
        key = (str(row.measure_id), county, span)
        shown = held.get(key)
        first, last = float(row.first_known), float(row.last_known)  # type: ignore[arg-type]
        is_shown = shown is not None and shown.status is Status.REPORTED and key not in once_hidden
        if is_shown and min(first, last) >= least:
            changes.setdefault(key[0], []).append(100 * (last - first) / first)
    return {measure_id: _revision(each) for measure_id, each in changes.items()}


def _revision(changes: list[float]) -> Revision:
    revised = [change for change in changes if change]
    if not revised:
        return Revision(len(changes), 0)
    return Revision(len(changes), len(revised), median(revised), min(revised), max(revised))
