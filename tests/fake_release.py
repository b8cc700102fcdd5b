"""A small released scorecard for the tests of the ledger: counts of a quarter, small ones hidden, a word for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import nan

import pandas as pd
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.disclosure.additive import Cell, Span
from sia.disclosure.reader_knowledge import Release
from sia.scorecard.exceptions import Asked
from sia.statistics.intervals import rate_interval

THRESHOLD = 5
PERSONS = 1000
MANY = 50


@dataclass(frozen=True)
class Released:
    files: dict[str, bytes]
    published: Release
    verdicts: dict[tuple[str, str], str]
    exceptions: list[tuple[str, str]]
    suppressed: int
    figures: pd.DataFrame = field(repr=False)


def files(
    connection: Connection,
    quarter: Quarter,
    known_at: datetime,
    account: Sequence[Release],
    *,
    earlier: Mapping[tuple[str, str], Sequence[str]],
    asked: Mapping[tuple[str, str], Asked],
) -> Released:
    """Every count of the quarter as known at a time; the page names the earlier releases and exceptions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure_id, area_code, numerator FROM marts.observation_known_at(%s)"
            " WHERE quarter_key = %s AND denominator IS NULL ORDER BY 1, 2",
            (known_at, quarter.key),
        )
        counts = {(measure, area): int(count) for measure, area, count in cursor.fetchall()}
    connection.rollback()
    rows: list[tuple[str, str, str, float, str]] = []
    for place, count in counts.items():
        small = 0 < count < THRESHOLD
        lower, upper = rate_interval(count, PERSONS)
        for name, value in (("quarter_figure", count), ("rate", count), ("lower", lower), ("upper", upper)):
            rows.append((*place, name, nan if small else value, "hidden" if small else "reported"))
    frame = pd.DataFrame(rows, columns=["measure_id", "area_code", "figure", "value", "status"])
    cells = {Cell(measure, area, Span.quarter(quarter)): count for (measure, area), count in counts.items()}
    hidden = {cell: count for cell, count in cells.items() if 0 < count < THRESHOLD}
    shown = {cell: count for cell, count in cells.items() if cell not in hidden}
    after = ", ".join(release.name for release in account)
    return Released(
        files={
            "scorecard.csv": frame.to_csv(index=False).encode(),
            "scorecard.html": f"after {after}; {sorted(earlier)}; {sorted(asked.items())}".encode(),
        },
        published=Release("", shown, hidden),
        verdicts={place: "improving" if count > MANY else "no change" for place, count in counts.items()},
        exceptions=[place for place, count in counts.items() if count <= MANY],
        suppressed=len(hidden),
        figures=frame,
    )
