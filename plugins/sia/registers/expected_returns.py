"""Who owes which return for which quarter, and by when: the contracts' dates and the extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sia.calendar import Quarter, quarters_between
from sia.contract.model import contracts
from sia.registers.extensions import Extension, extensions


@dataclass(frozen=True, slots=True)
class Owed:
    """One return that one source owes for one quarter. ``due_on`` is the contract's day, an extension may be later."""

    return_name: str
    source: str
    quarter: Quarter
    due_on: date
    extension: Extension | None


def owed(last: Quarter) -> Iterator[Owed]:
    """Every return that is owed for quarters up to ``last``: those for which the scorecard waits, from each sender."""
    longer = {(one.return_name, one.source, one.quarter): one for one in extensions()}
    for contract in contracts().values():
        if contract.expected:
            for quarter in quarters_between(Quarter.containing(contract.begins), last):
                due_on = quarter.due(contract.due_working_days)
                for source in contract.senders:
                    if contract.owed_for(quarter, source):
                        extension = longer.get((contract.name, source, quarter.key))
                        yield Owed(contract.name, source, quarter, due_on, extension)
