"""The register of published figures, as the partnership's reports printed them, for the tests that recompute them.

The code under test does not read it. Samples are made from a file of their own, and measures count returns.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sia.calendar import Quarter, quarters_between
from sia.paths import REGISTERS

REGISTER = REGISTERS / "published_figures.csv"


@dataclass(frozen=True)
class Published:
    """A published figure: the value that the report of ``known_on`` gives for a measure, an area and a period."""

    id: str
    measure: str
    area: str
    period: str
    value: Decimal
    unit: str
    source: str
    known_on: date

    @property
    def quarters(self) -> list[Quarter]:
        if "Q" in self.period:
            return [Quarter.parse(self.period)]
        return quarters_between(Quarter.parse(f"{self.period}Q1"), Quarter.parse(f"{self.period}Q4"))

    def agrees_with(self, value: Decimal) -> bool:
        """Whether a value is the published one, once it is rounded as reports round: half up, to a whole number."""
        return value.quantize(Decimal(1), ROUND_HALF_UP) == self.value


def published() -> list[Published]:
    """The figures that returns give: the report's day is known, and the figure is not computed from others."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return [
            Published(
                *(row[name] for name in ("id", "measure", "area", "period")),
                value=Decimal(row["value"]),
                unit=row["unit"],
                source=row["source"],
                known_on=date.fromisoformat(row["known_on"]),
            )
            for row in csv.DictReader(file)
            if row["known_on"] and not row["computed_from"]
        ]
