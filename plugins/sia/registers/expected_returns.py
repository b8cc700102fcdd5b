"""Who owes which return for which quarter, and by when: the contracts' dates and the extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sia.calendar import Quarter, quarters_between
from sia.contract.model import contracts
from sia.registers.extensions import Extension, extensions


@dataclass(frozen=True, slots=True)
class ExpectedReturn:
    """A return that one sender owes for one quarter. ``due_on`` is the contract's day; an extension may be later."""

    return_name: str
    source: str
    quarter: Quarter
    due_on: date
    extension: Extension | None


def expected_returns(last: Quarter) -> Iterator[ExpectedReturn]:
    """Every return that is owed for the quarters up to ``last``: those for which the scorecard waits."""
    extension_of = {(e.return_name, e.source, e.quarter): e for e in extensions()}
    for contract in contracts().values():
        if contract.expected:
            for quarter in quarters_between(Quarter.containing(contract.begins), last):
                due_on = quarter.due(contract.due_working_days)
                for source in contract.senders:
                    if contract.owed_for(quarter, source):
                        extension = extension_of.get((contract.name, source, quarter.key))
                        yield ExpectedReturn(contract.name, source, quarter, due_on, extension)
