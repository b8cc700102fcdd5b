"""What stands in a partnership's report (``include/registers/csp_report.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sia.paths import REGISTERS
from sia.registers.measures import Measure, measures


class Section(BaseModel):
    """A section: its measures in order.

    ``shares``: whether a partnership's part of the county is told; ``of_service``: the measures of which it is its part
    of the whole service.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    about: str
    shares: bool = False
    of_service: tuple[str, ...] = ()
    ids: tuple[str, ...] = Field(alias="measures", min_length=1)

    @model_validator(mode="after")
    def _measures_exist(self) -> Self:
        if unknown := {*self.ids, *self.of_service} - {measure.id for measure in measures()}:
            raise ValueError(f"{self.title}: no such measure: {', '.join(sorted(unknown))}")
        return self

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Its measures."""
        by_id = {measure.id: measure for measure in measures()}
        return tuple(by_id[each] for each in self.ids)


@cache
def sections() -> tuple[Section, ...]:
    """The sections in order.

    Raises:
        pydantic.ValidationError: a measure does not exist, or the register says something that it cannot say.
    """
    rows = yaml.safe_load((REGISTERS / "csp_report.yml").read_text(encoding="utf-8"))["sections"]
    return tuple(Section.model_validate(row) for row in rows)
