"""The periods that a scorecard compares, each counted in quarters from the scorecard's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span


def _quarter(value: Quarter | str) -> Quarter:
    return Quarter.parse(value) if isinstance(value, str) else value


KeyedQuarter = Annotated[Quarter, PlainValidator(_quarter), PlainSerializer(str, return_type=str)]
"""A quarter that data files write as its key, for example ``2021-22Q4``."""


@dataclass(frozen=True, slots=True)
class ReportingPeriod:
    """A run of whole quarters: so many ``quarters``, of which the last ends ``quarters_ago`` before the scorecard's.

    ``id`` is its name in data files. ``words`` are for sentences, for example "the same quarter last year".
    """

    id: str
    words: str
    quarters: int = 1
    quarters_ago: int = 0

    def last(self, quarter: Quarter) -> Quarter:
        """Its last quarter on the scorecard of a quarter."""
        return quarter.plus(-self.quarters_ago)

    def first(self, quarter: Quarter) -> Quarter:
        """Its first quarter on the scorecard of a quarter."""
        return self.last(quarter).plus(1 - self.quarters)

    def quarters_of(self, quarter: Quarter) -> list[Quarter]:
        """Its quarters on the scorecard of a quarter, oldest first."""
        return quarters_between(self.first(quarter), self.last(quarter))

    def span(self, quarter: Quarter) -> Span:
        """Its months on the scorecard of a quarter."""
        return Span.months(self.first(quarter).start, 3 * self.quarters)

    def heading(self, quarter: Quarter) -> str:
        """Its months as a heading: "Jan to Mar 2022" for a quarter, "12 months to Mar 2022" for a longer period."""
        last = self.last(quarter)
        if self.quarters == 1:
            return f"{last.start:%b} to {last.end:%b %Y}"
        return f"{3 * self.quarters} months to {last.end:%b %Y}"


QUARTER = ReportingPeriod("quarter", "the quarter")
LAST_YEAR = ReportingPeriod("last_year", "the same quarter last year", quarters_ago=4)
YEAR = ReportingPeriod("year", "the twelve months", quarters=4)
YEAR_BEFORE = ReportingPeriod("year_before", "the twelve months before", quarters=4, quarters_ago=4)
