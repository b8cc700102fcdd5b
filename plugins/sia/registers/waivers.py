"""Waivers: dated exceptions to a rule, with who allowed them and why (``waivers.yml``, and decisions on the desk)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from sia.calendar import Quarter
from sia.contract.model import Name, Severity, contracts
from sia.contract.rules import compile_rules
from sia.register_file import Strict, Text, duplicates, load_register, with_register_decisions
from sia.registers.extensions import QuarterKey


class Waiver(Strict):
    """One critical rule that may fail in some rows of one return, for files received from ``starts`` to ``until``.

    ``rows`` are rows of the sheet or lines of the file. ``keys`` name rows by the values of their columns, so that a
    row may move. With neither, the rule may fail anywhere in the table. ``expect`` is the number of findings foreseen:
    any other number means another mistake than the one that was looked at, and is not waived.
    """

    id: Annotated[str, StringConstraints(pattern=r"^WAI-\d{4}-\d{2}$")]
    return_name: Name = Field(alias="return")
    source: Name
    quarter: QuarterKey
    rule: str
    rows: tuple[int, ...] = ()
    keys: tuple[dict[Name, str], ...] = ()
    expect: int = Field(ge=1)
    allowed_by: Text
    why: Text
    starts: date
    until: date

    @model_validator(mode="after")
    def _is_about_a_critical_rule(self) -> Self:
        contract = contracts().get(self.return_name)
        if contract is None or self.source not in contract.senders:
            raise ValueError(f"waiver {self.id}: {self.source} sends no return {self.return_name}")
        quarter = Quarter.parse(self.quarter)
        tables = {
            rule.id: table
            for table in contract.tables
            for rule in compile_rules(contract, table, quarter)
            if rule.severity is Severity.CRITICAL
        }
        table = tables.get(self.rule)
        if table is None:
            raise ValueError(f"waiver {self.id}: the return has no critical rule {self.rule}")
        if self.keys and (self.rows or not contract.is_template_return):
            raise ValueError(f"waiver {self.id}: give rows or keys, not both; only blank workbooks have keys")
        if unknown := {name for key in self.keys for name in key} - set(table.names):
            raise ValueError(f"waiver {self.id}: the table has no column {', '.join(sorted(unknown))}")
        if self.starts > self.until:
            raise ValueError(f"waiver {self.id}: until is before starts")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether a file received on a day is covered."""
        return self.starts <= day <= self.until


class Waivers(Strict):
    """The whole register."""

    waivers: tuple[Waiver, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if twice := duplicates(waiver.id for waiver in self.waivers):
            raise ValueError(f"two waivers have the id {', '.join(twice)}")
        return self


def waivers(decided: Mapping[str, Any]) -> tuple[Waiver, ...]:
    """The waivers as they are now: the register may be changed while the software runs.

    Args:
        decided: what was decided on the desk, by the waiver's id; None if it was withdrawn.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits the contract.
    """
    register = load_register(Waivers, "waivers.yml")
    entries = {waiver.id: waiver for waiver in register.waivers}
    return with_register_decisions(register, "waivers", entries, Waiver, decided).waivers
