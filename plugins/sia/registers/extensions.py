"""Later due dates that somebody allowed (``extensions.yml``)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from sia.calendar import Quarter
from sia.contract.model import Name, contracts
from sia.register_file import Strict, Text, duplicates, load_register

QuarterKey = Annotated[str, BeforeValidator(lambda text: Quarter.parse(str(text)).key)]


class Extension(Strict):
    """A later due date for one return of one sender and quarter: until when, who allowed it, and why."""

    return_name: Name = Field(alias="return")
    source: Name
    quarter: QuarterKey
    until: date
    allowed_by: Text
    why: Text

    @model_validator(mode="after")
    def _is_later_than_the_usual_due_date(self) -> Self:
        contract = contracts().get(self.return_name)
        if contract is None or self.source not in contract.senders:
            raise ValueError(f"{self.source} owes no return {self.return_name}")
        usual = Quarter.parse(self.quarter).due(contract.due_working_days)
        if self.until <= usual:
            raise ValueError(f"until must be later than the usual due date, {usual}")
        return self


class Extensions(Strict):
    """The whole register."""

    extensions: tuple[Extension, ...]

    @model_validator(mode="after")
    def _one_for_each_return(self) -> Self:
        returns = (f"{e.return_name} of {e.source} for {e.quarter}" for e in self.extensions)
        if twice := duplicates(returns):
            raise ValueError(f"two extensions for {'; '.join(twice)}: change the first instead")
        return self


def extensions() -> tuple[Extension, ...]:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(Extensions, "extensions.yml").extensions
