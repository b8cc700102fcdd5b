"""Projects of which we want to know whether they worked (``projects.yml``)."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from sia import geography
from sia.calendar import Quarter
from sia.contract.model import Name
from sia.register_file import Strict, Text, duplicates, load_register, read_once
from sia.registers.extensions import QuarterKey
from sia.registers.measures import measures


class Project(Strict):
    """A funded project: where and when it began, and with which area its outcome is compared.

    ``first_quarter`` is the first of the ``quarters`` after it began. They are compared with as many before it. What
    counts as its outcome is written down before anybody can know it: ``registered_on`` is before they end. A scorecard
    looks back five years, so there are at most ten quarters on either side.
    """

    id: Name
    title: Text
    measure: str
    area: str
    comparison_area: str
    first_quarter: QuarterKey
    quarters: int = Field(ge=1, le=10)
    registered_on: date
    registered_by: Text

    @model_validator(mode="after")
    def _can_be_compared(self) -> Self:
        if self.measure not in {measure.id for measure in measures() if measure.kind == "count"}:
            raise ValueError(f"project {self.id}: {self.measure} is not a measure that counts")
        if unknown := {self.area, self.comparison_area} - geography.areas().keys():
            raise ValueError(f"project {self.id}: no such area: {', '.join(sorted(unknown))}")
        parts = [
            {code, *geography.areas()[code].member_codes(self.after[0].start)}
            for code in (self.area, self.comparison_area)
        ]
        if parts[0] & parts[1]:
            raise ValueError(f"project {self.id}: the areas that are compared overlap")
        if self.registered_on > self.after[0].end:
            raise ValueError(f"project {self.id}: register a project before its first quarter ends")
        return self

    @property
    def after(self) -> list[Quarter]:
        """The quarters after the project began, in order."""
        first = Quarter.parse(self.first_quarter)
        return [first.plus(number) for number in range(self.quarters)]

    @property
    def before(self) -> list[Quarter]:
        """As many quarters before it, in order."""
        return [quarter.plus(-self.quarters) for quarter in self.after]


class _ProjectRegister(Strict):
    projects: tuple[Project, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if twice := duplicates(project.id for project in self.projects):
            raise ValueError(f"two projects have the id {', '.join(twice)}")
        return self


@read_once
def projects() -> tuple[Project, ...]:
    """The register.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(_ProjectRegister, "projects.yml").projects
