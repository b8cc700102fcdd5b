"""Financial quarters, months and due dates.

A financial year runs from April to March and is written ``2021/22`` for people and ``2021-22`` in
keys. Q1 is April to June, Q4 January to March.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")

_KEY = re.compile(r"(\d{4})-(\d{2})Q([1-4])")


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A financial quarter. ``year`` is the calendar year in which its financial year begins."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError(f"a quarter is numbered 1 to 4, not {self.number}")

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a key such as ``2021-22Q4``, or a label such as ``2021/22 Q4``.

        Raises:
            ValueError: the text is not a financial quarter; the message says how to write one.
        """
        match = _KEY.fullmatch(key.strip().replace("/", "-").replace(" ", "").upper())
        if not match or (int(match[1]) + 1) % 100 != int(match[2]):
            raise ValueError(f"{key[:20]!r} is not a financial quarter; write it as 2021-22Q4 (January to March 2022)")
        return cls(int(match[1]), int(match[3]))

    @classmethod
    def containing(cls, day: date) -> Self:
        """The quarter in which a day falls."""
        year = day.year if day.month >= 4 else day.year - 1
        return cls(year, (day.month - 4) % 12 // 3 + 1)

    @property
    def key(self) -> str:
        """The quarter for machines: ``2021-22Q4``."""
        return f"{self.financial_year}Q{self.number}"

    @property
    def label(self) -> str:
        """The quarter for people: ``2021/22 Q4``."""
        return f"{self.year}/{(self.year + 1) % 100:02d} Q{self.number}"

    @property
    def financial_year(self) -> str:
        """The quarter's financial year: ``2021-22``."""
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @property
    def start(self) -> date:
        """The first day of the quarter."""
        return date(self.year + (self.number == 4), {1: 4, 2: 7, 3: 10, 4: 1}[self.number], 1)

    @property
    def end(self) -> date:
        """The last day of the quarter."""
        return self.next().start - timedelta(days=1)

    @property
    def months(self) -> tuple[str, str, str]:
        """The quarter's months as ``YYYY-MM``, in order."""
        first = self.start
        return (
            f"{first.year}-{first.month:02d}",
            f"{first.year}-{first.month + 1:02d}",
            f"{first.year}-{first.month + 2:02d}",
        )

    def plus(self, quarters: int) -> Self:
        """The quarter that is ``quarters`` quarters later (earlier if negative)."""
        ordinal = self.year * 4 + self.number - 1 + quarters
        return type(self)(ordinal // 4, ordinal % 4 + 1)

    def next(self) -> Self:
        """The quarter after this one."""
        return self.plus(1)

    def same_quarter_last_year(self) -> Self:
        """The same quarter of the year before."""
        return self.plus(-4)

    def due(self, working_days: int) -> date:
        """The day on which a return for this quarter is due: ``working_days`` working days after its end."""
        return add_working_days(self.end, working_days)

    def __str__(self) -> str:
        return self.key


# The quarters that the warehouse knows.
FIRST_QUARTER = Quarter(2010, 1)
LAST_QUARTER = Quarter(2049, 4)


def quarters_between(first: Quarter, last: Quarter) -> list[Quarter]:
    """Every quarter from ``first`` to ``last``, including both; empty if ``last`` is before ``first``."""
    quarters = []
    while first <= last:
        quarters.append(first)
        first = first.next()
    return quarters


def format_date(day: date) -> str:
    """A day for people: ``4 May 2022``."""
    return f"{day.day} {day:%B %Y}"


def last_complete_quarter(day: date) -> Quarter:
    """The newest quarter that had ended before ``day``."""
    return Quarter.containing(day).plus(-1)


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in a calendar year, from the ``holidays`` library."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday and not a bank holiday in England."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def add_working_days(day: date, working_days: int) -> date:
    """The day that is ``working_days`` working days after ``day`` (before it, if negative)."""
    step = timedelta(days=1 if working_days >= 0 else -1)
    for _ in range(abs(working_days)):
        day += step
        while not is_working_day(day):
            day += step
    return day
