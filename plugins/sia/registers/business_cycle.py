"""The annual business cycle: when the Board meets, and on which day which paper is made (``business_cycle.yml``)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from sia.calendar import Quarter, is_working_day
from sia.register_file import Strict, Text, load_register, read_once

Month = Annotated[int, Field(ge=1, le=12)]


class PaperSchedule(Strict):
    """When a paper is made: for which quarters of a financial year, and how many months after the quarter's last."""

    quarters: frozenset[Annotated[int, Field(ge=1, le=4)]] = Field(min_length=1)
    months_after: Annotated[int, Field(ge=1, le=12)]
    why: Text

    def made_on(self, quarter: Quarter) -> date:
        """The day on which the paper of a quarter is made: the first working day of the month."""
        months = quarter.end.year * 12 + quarter.end.month - 1 + self.months_after
        return _first_working_day(date(months // 12, months % 12 + 1, 1))


class BusinessCycle(Strict):
    """The whole register."""

    board_months: frozenset[Month] = Field(min_length=1)
    papers: dict[str, PaperSchedule]

    def board_after(self, day: date) -> date:
        """The first day of the month in which the Board next meets: the month of ``day``, or a later one."""
        months = day.year * 12 + day.month - 1
        while months % 12 + 1 not in self.board_months:
            months += 1
        return date(months // 12, months % 12 + 1, 1)


@read_once
def cycle() -> BusinessCycle:
    """The business cycle.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(BusinessCycle, "business_cycle.yml")


def last_complete_year(day: date) -> Quarter:
    """The fourth quarter of the newest financial year that had ended before a day."""
    quarter = Quarter.containing(day).plus(-1)
    return quarter if quarter.number == 4 else Quarter(quarter.year - 1, 4)


def year_ending(financial_year: str) -> Quarter:
    """The fourth quarter of a financial year, written ``2021-22`` or ``2021/22``.

    Raises:
        ValueError: the text is not a financial year; the message says how to write one.
    """
    try:
        return Quarter.parse(f"{financial_year}Q4")
    except ValueError:
        raise ValueError(f"{financial_year[:20]!r} is not a financial year; write it as 2021-22") from None


def _first_working_day(day: date) -> date:
    while not is_working_day(day):
        day = date.fromordinal(day.toordinal() + 1)
    return day
