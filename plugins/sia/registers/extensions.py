"""Longer times that were allowed: ``include/registers/extensions.yml``, or the file that ``SIA_EXTENSIONS`` names."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BeforeValidator, Field, model_validator

from sia.calendar import Quarter
from sia.contract.model import Name, Strict, contracts
from sia.paths import REGISTERS

QuarterKey = Annotated[str, BeforeValidator(lambda text: Quarter.parse(str(text)).key)]


class Extension(Strict):
    """One return of one source for one quarter that may come later: until when, who allowed it, and why."""

    return_name: Name = Field(alias="return")
    source: Name
    quarter: QuarterKey
    until: date
    allowed_by: str
    why: str

    @model_validator(mode="after")
    def _is_longer_than_the_usual_time(self) -> Self:
        contract = contracts().get(self.return_name)
        if contract is None or self.source not in contract.senders:
            raise ValueError(f"extension for {self.return_name}, {self.source}: nobody owes such a return")
        if self.until <= Quarter.parse(self.quarter).due(contract.due_working_days):
            raise ValueError(f"extension for {self.return_name}, {self.quarter}: it is due no earlier anyway")
        return self


class Extensions(Strict):
    """The whole register."""

    extensions: tuple[Extension, ...]

    @model_validator(mode="after")
    def _one_for_each_return(self) -> Self:
        keys = [(one.return_name, one.source, one.quarter) for one in self.extensions]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"two extensions for one return: {sorted(twice)}; change the one that stands")
        return self


def extensions() -> tuple[Extension, ...]:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        pydantic.ValidationError: the file says something that the register cannot say.
    """
    path = Path(os.environ.get("SIA_EXTENSIONS") or REGISTERS / "extensions.yml")
    return Extensions.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).extensions
