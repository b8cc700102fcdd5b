"""The sections of a partnership's report (``csp_report.yml``)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sia.register_file import Strict, Text, load_register, read_once
from sia.registers.measures import Measure, measures


class ReportSection(Strict):
    """A section and its measures, in order.

    ``shares``: whether the report gives the partnership's share of the county. ``of_service``: the measures that the
    report compares with the whole service instead.
    """

    title: Text
    about: Text
    shares: bool = False
    of_service: tuple[str, ...] = ()
    ids: tuple[str, ...] = Field(alias="measures", min_length=1)

    @model_validator(mode="after")
    def _measures_exist(self) -> Self:
        if unknown := {*self.ids, *self.of_service} - {measure.id for measure in measures()}:
            raise ValueError(f"{self.title}: measures.yml has no measure {', '.join(sorted(unknown))}")
        return self

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of the section."""
        by_id = {measure.id: measure for measure in measures()}
        return tuple(by_id[measure_id] for measure_id in self.ids)


class _SectionRegister(Strict):
    sections: tuple[ReportSection, ...]


@read_once
def sections() -> tuple[ReportSection, ...]:
    """The sections in order.

    Raises:
        RegisterError: the register cannot be read, or names a measure that does not exist.
    """
    return load_register(_SectionRegister, "csp_report.yml").sections
