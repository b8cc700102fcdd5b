"""Who owes which return for which quarter, and by when: the contracts' dates and the extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sia.calendar import LAST_QUARTER, Quarter, quarters_between
from sia.contract.model import contracts
from sia.register_file import RegisterError
from sia.registers.extensions import Extension, extensions
from sia.settings import settings


@dataclass(frozen=True, slots=True)
class ExpectedReturn:
    """A return that one sender owes for one quarter. ``due_on`` is the contract's day; an extension may be later."""

    return_name: str
    source: str
    quarter: Quarter
    due_on: date
    extension: Extension | None


def expected_returns(last: Quarter) -> Iterator[ExpectedReturn]:
    """Every return that is owed for the quarters up to ``last``: those for which the scorecard waits.

    Raises:
        RegisterError: ``SIA_FIRST_QUARTER`` is not a quarter.
    """
    extension_of = {(e.return_name, e.source, e.quarter): e for e in extensions()}
    first = _first_quarter()
    for contract in contracts().values():
        if contract.expected:
            begins = Quarter.containing(contract.begins)
            for quarter in quarters_between(max(begins, first) if first else begins, last):
                due_on = quarter.due(contract.due_working_days)
                for source in contract.senders:
                    if contract.owed_for(quarter, source):
                        extension = extension_of.get((contract.name, source, quarter.key))
                        yield ExpectedReturn(contract.name, source, quarter, due_on, extension)


def _first_quarter() -> Quarter | None:
    text = settings().first_quarter
    if text is None:
        return None
    try:
        first = Quarter.parse(text)
    except ValueError as error:
        raise RegisterError(f"SIA_FIRST_QUARTER: {error}") from None
    if first > LAST_QUARTER:
        raise RegisterError(f"SIA_FIRST_QUARTER: {first.label} is after {LAST_QUARTER.label}, the last that we know")
    return first
