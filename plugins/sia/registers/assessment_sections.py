"""The sections of the annual assessment, and how much harm each stands for (``assessment.yml``)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sia.register_file import Strict, Text, duplicates, load_register, read_once
from sia.registers.measures import measures


class AssessmentSection(Strict):
    """A section: what it is about, and what was done about it.

    ``rank``: how much harm it stands for, 1 the most; none if nobody has ranked it. ``measures`` and ``done``: ids, in
    their order.
    """

    title: Text
    about: Text
    rank: int | None = Field(default=None, ge=1)
    measures: tuple[str, ...] = Field(min_length=1)
    done: tuple[str, ...] = ()


class AssessmentSections(Strict):
    """The sections, and who set their ranks."""

    set_by: Text
    sections: tuple[AssessmentSection, ...]

    @model_validator(mode="after")
    def _each_measure_once(self) -> Self:
        named = [measure for section in self.sections for measure in (*section.measures, *section.done)]
        if unknown := sorted({*named} - {measure.id for measure in measures()}):
            raise ValueError(f"measures.yml has no measure {', '.join(unknown)}")
        if twice := duplicates(named):
            raise ValueError(f"two sections have {', '.join(twice)}")
        if twice := duplicates(section.title for section in self.sections):
            raise ValueError(f"two sections are called {', '.join(twice)}")
        return self


@read_once
def assessment_sections() -> AssessmentSections:
    """The register.

    Raises:
        RegisterError: the register cannot be read, names a measure that does not exist, or names one twice.
    """
    return load_register(AssessmentSections, "assessment.yml")
