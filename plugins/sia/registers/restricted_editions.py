"""Which partnerships get a restricted edition of their report, by which agreement (``restricted_editions.yml``)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from sia.geography import csps
from sia.register_file import Strict, Text, duplicates, load_register


class RestrictedEdition(Strict):
    """An agreement that lets its readers see the small numbers of a partnership, from ``signed`` to ``review_by``."""

    partnership: str
    agreement: Text
    signed: date
    review_by: date
    readers: Annotated[tuple[Text, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _partnership_exists_and_dates_are_in_order(self) -> Self:
        if self.partnership not in {csp.code for csp in csps()}:
            raise ValueError(f"areas.yml has no partnership {self.partnership}")
        if self.signed > self.review_by:
            raise ValueError(f"agreement {self.agreement}: review_by is before signed")
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether the agreement is in force on a day."""
        return self.signed <= day <= self.review_by


class _RestrictedRegister(Strict):
    restricted_editions: tuple[RestrictedEdition, ...]

    @model_validator(mode="after")
    def _agreements_are_unique(self) -> Self:
        if twice := duplicates(entry.agreement for entry in self.restricted_editions):
            raise ValueError(f"two entries have the agreement {', '.join(twice)}")
        return self


def restricted_editions(day: date) -> tuple[RestrictedEdition, ...]:
    """The agreements in force on a day, as the register is now: the last one of each partnership.

    Raises:
        RegisterError: the register cannot be read, or names no partnership.
    """
    register = load_register(_RestrictedRegister, "restricted_editions.yml").restricted_editions
    return tuple({entry.partnership: entry for entry in register if entry.in_force_on(day)}.values())
