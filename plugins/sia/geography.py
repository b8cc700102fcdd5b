"""Areas: districts, Community Safety Partnerships (CSPs), the county, and other places that a row may name.

The register is ``areas.yml``. Membership is dated, because partnerships merge. ``authorities.csv`` has the names of all
local authorities.
"""

from __future__ import annotations

import csv
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from sia.register_file import Strict, duplicates, load_register, read_once, register_path

# Our own codes for rows of a return that are outside the county, or have no location.
ELSEWHERE = "ELSEWHERE"
NO_LOCATION = "NO-LOCATION"


class AreaType(StrEnum):
    """What kind of area a code stands for."""

    DISTRICT = "district"
    CSP = "csp"
    COUNTY = "county"
    SERVICE = "service"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Member(Strict):
    """``area`` belongs to the larger area from ``starts`` until the day before ``until``."""

    area: str
    starts: date
    until: date | None = None


class Area(Strict):
    """An area. ``column`` is its name in returns that have a column for each area.

    ``source`` is the sender whose service area it is; other areas have none. ``police_force_code`` is the
    ONS code of a county's police force, by which published tables name it.
    """

    code: str
    name: str
    column: str
    type: AreaType
    source: str | None = None
    police_force_code: str | None = None
    members: tuple[Member, ...] = ()

    @property
    def short_name(self) -> str:
        """The name without the word for a partnership, for headings."""
        return self.name.removesuffix(" CSP")

    def member_codes(self, day: date) -> tuple[str, ...]:
        """The codes of the areas that make up this one on a day; its own code if it has no members."""
        codes = tuple(
            member.area
            for member in self.members
            if member.starts <= day and (member.until is None or day < member.until)
        )
        return codes or (self.code,)


class _AreaRegister(Strict):
    owner: str
    areas: tuple[Area, ...]

    @model_validator(mode="after")
    def _codes_are_known_and_unique(self) -> Self:
        codes = [area.code for area in self.areas]
        if twice := duplicates(codes):
            raise ValueError(f"two areas have the code {', '.join(twice)}")
        if unknown := sorted({member.area for area in self.areas for member in area.members} - set(codes)):
            raise ValueError(f"members that are no area of the register: {', '.join(unknown)}")
        if missing := sorted({ELSEWHERE, NO_LOCATION} - set(codes)):
            raise ValueError(f"add the areas {', '.join(missing)}")
        if [area.type for area in self.areas].count(AreaType.COUNTY) != 1:
            raise ValueError("exactly one area must have the type county")
        return self


class Areas(dict[str, Area]):
    """Areas by their code, in the order in which people read them."""

    def of_type(self, *types: AreaType) -> tuple[Area, ...]:
        """The areas of some types."""
        return tuple(area for area in self.values() if area.type in types)

    @property
    def county(self) -> Area:
        """The county."""
        (area,) = self.of_type(AreaType.COUNTY)
        return area

    @property
    def csps(self) -> tuple[Area, ...]:
        """The Community Safety Partnerships."""
        return self.of_type(AreaType.CSP)

    @property
    def districts(self) -> tuple[Area, ...]:
        """The districts."""
        return self.of_type(AreaType.DISTRICT)


@read_once
def _register() -> _AreaRegister:
    return load_register(_AreaRegister, "areas.yml")


def owner() -> str:
    """The name of the organisation that publishes the scorecard. It appears on the workbooks.

    Raises:
        RegisterError: the register cannot be read.
    """
    return _register().owner


@read_once
def areas() -> Areas:
    """Every area of the register.

    Raises:
        RegisterError: the register cannot be read.
    """
    return Areas({area.code: area for area in _register().areas})


@read_once
def authorities() -> tuple[str, ...]:
    """The names of the local authorities of England and Wales, of today and before (``authorities.csv``)."""
    with register_path("authorities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


def of_type(*types: AreaType) -> tuple[Area, ...]:
    """The areas of the given types, in the register's order."""
    return areas().of_type(*types)


def districts() -> tuple[Area, ...]:
    """The districts."""
    return of_type(AreaType.DISTRICT)


def csps() -> tuple[Area, ...]:
    """The Community Safety Partnerships."""
    return of_type(AreaType.CSP)


def county() -> Area:
    """The county."""
    (area,) = of_type(AreaType.COUNTY)
    return area
