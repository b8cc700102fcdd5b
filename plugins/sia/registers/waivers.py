"""Waivers: ``expectations/_waivers.yml``, what is taken although a rule that must hold fails, and until when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, StringConstraints, model_validator

from sia.calendar import Quarter
from sia.contract.model import Name, Severity, Strict, contracts
from sia.contract.rules import compile_rules
from sia.paths import CONTRACTS
from sia.registers.extensions import QuarterKey

REGISTER = CONTRACTS / "_waivers.yml"


class Waiver(Strict):
    """One rule that may fail in some rows of one return, for files received from ``starts`` until ``until``.

    ``rows`` are rows of the sheet or lines of the file; ``keys`` tell rows by what stands in their columns, which
    outlives a row that moves; with neither, the rule may fail anywhere in the table. ``expect`` is the guard: how many
    findings are foreseen. Any other number is another fault than the one that was looked at, and is not waived.
    """

    id: Annotated[str, StringConstraints(pattern=r"^WAI-\d{4}-\d{2}$")]
    return_name: Name = Field(alias="return")
    source: Name
    quarter: QuarterKey
    rule: str
    rows: tuple[int, ...] = ()
    keys: tuple[dict[Name, str], ...] = ()
    expect: int = Field(ge=1)
    allowed_by: str
    why: str
    starts: date
    until: date

    @model_validator(mode="after")
    def _is_about_a_rule_that_refuses(self) -> Self:
        contract = contracts().get(self.return_name)
        if contract is None or self.source not in contract.senders:
            raise ValueError(f"waiver {self.id}: nobody sends such a return")
        quarter = Quarter.parse(self.quarter)
        tables = {
            rule.id: table
            for table in contract.tables
            for rule in compile_rules(contract, table, quarter)
            if rule.severity is Severity.CRITICAL
        }
        table = tables.get(self.rule)
        if table is None:
            raise ValueError(f"waiver {self.id}: the return has no rule {self.rule} that refuses it")
        if self.keys and (self.rows or not contract.is_template_return):
            raise ValueError(f"waiver {self.id}: give rows or keys; for what is not filled in by hand, rows")
        if unknown := {name for key in self.keys for name in key} - set(table.names):
            raise ValueError(f"waiver {self.id}: no such column: {', '.join(sorted(unknown))}")
        if self.starts > self.until:
            raise ValueError(f"waiver {self.id}: it ends before it begins")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether a file received on a day is covered."""
        return self.starts <= day <= self.until


class Waivers(Strict):
    """The whole register."""

    waivers: tuple[Waiver, ...]

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [waiver.id for waiver in self.waivers]
        if twice := {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"a waiver's id is used twice: {', '.join(sorted(twice))}")
        return self


def waivers(path: Path | None = None) -> tuple[Waiver, ...]:
    """The register as it is now.

    Raises:
        pydantic.ValidationError: the file says something that the register cannot say.
    """
    path = path or REGISTER
    return Waivers.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).waivers
