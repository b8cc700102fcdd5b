"""The published figures that the samples must add up to (``published.yml``)."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

from sia import geography
from sia.calendar import Quarter, quarters_between

FIRST, LAST = Quarter(2017, 1), Quarter(2021, 4)


class Cell(NamedTuple):
    """A number to invent: for a quarter, an area, and a detail such as a reason."""

    quarter: Quarter
    area: str
    detail: str = ""


class Figure(BaseModel):
    """A published figure: a measure of an area for a financial year or a quarter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    area: str
    period: str
    value: int
    known_on: date

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters of the period."""
        if "Q" in self.period:
            return (Quarter.parse(self.period),)
        first = Quarter.parse(f"{self.period}Q1")
        return tuple(quarters_between(first, first.plus(3)))

    def covers(self, quarter: Quarter, area: str) -> bool:
        """Whether the figure counts what happened in a quarter in an area that has no parts."""
        return quarter in self.quarters and area in geography.areas()[self.area].member_codes(quarter.start)


@cache
def _all() -> tuple[Figure, ...]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return tuple(Figure.model_validate(row) for row in yaml.safe_load(text)["figures"])


@cache
def first_published(measure: str) -> tuple[Figure, ...]:
    """The figures of a measure as first published, one for each area and period."""
    by_place: dict[tuple[str, str], Figure] = {}
    for figure in sorted(_all(), key=lambda f: f.known_on):
        if figure.measure == measure:
            by_place.setdefault((figure.area, figure.period), figure)
    return tuple(by_place.values())


@cache
def restatements(measure: str) -> tuple[tuple[Figure, Figure], ...]:
    """Every figure of a measure that was later published with another value: before and after."""
    first = {(f.area, f.period): f for f in first_published(measure)}
    pairs = ((first.get((f.area, f.period)), f) for f in _all() if f.measure == measure)
    return tuple((old, new) for old, new in pairs if old is not None and old.value != new.value)


def of_year(measure: str, year: int) -> Figure | None:
    """The figure first published for South and Vale and a whole financial year, if there is one."""
    first = Quarter(year, 1)
    for figure in first_published(measure):
        if figure.area == "CSP-SOUTH-VALE" and figure.period == first.financial_year:
            return figure
    return None
