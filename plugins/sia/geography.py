"""Areas: districts, Community Safety Partnerships (CSPs), the county, and other places that a row may name.

The register is ``areas.yml``. Membership is dated, because partnerships merge. People decide on the desk by which other
names, codes and spellings we know an area. ``authorities.csv`` has the names of all local authorities.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, model_validator

from sia.register_file import (
    Strict,
    Text,
    duplicates,
    load_register,
    read_once,
    register_path,
    with_register_decisions,
)

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


class OtherName(Strict):
    """Another name, code or spelling by which we know an area, from a day.

    In files that we receive from that day, ``text`` means the area. A ``name`` is also what the area is called, in
    the scorecards of quarters that end on that day or later. The area keeps the code under which we store its figures.
    """

    id: Annotated[str, StringConstraints(pattern=r"^ARE-\d{4}-\d{2}$")]
    area: str
    kind: Literal["name", "code", "spelling"]
    text: Text
    starts: date
    set_by: Text
    why: Text

    @model_validator(mode="after")
    def _is_a_code(self) -> Self:
        if self.kind == "code" and not re.fullmatch(r"[EW]\d{8}", self.text):
            raise ValueError("a code of the ONS is E or W and eight digits")
        return self


class _AreaRegister(Strict):
    owner: str
    areas: tuple[Area, ...]
    other_names: tuple[OtherName, ...] = ()

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
        for other_name in self.other_names:
            if other_name.area not in codes:
                raise ValueError(f"{other_name.id}: the register has no area {other_name.area}")
        texts = {(other_name.area, other_name.text.casefold()) for other_name in self.other_names}
        if twice := duplicates(text for _, text in texts):
            raise ValueError(f"two areas have the other name {', '.join(twice)}")
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

    def named(self, other_names: Iterable[OtherName], day: date) -> Areas:
        """The same areas, with the names that they have on a day."""
        begun = [other_name for other_name in other_names if other_name.kind == "name" and other_name.starts <= day]
        names = {other_name.area: other_name.text for other_name in sorted(begun, key=lambda name: name.starts)}
        return Areas(
            {code: area.model_copy(update={"name": names.get(code, area.name)}) for code, area in self.items()}
        )


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


def other_area_names(decided: Mapping[str, Any]) -> tuple[OtherName, ...]:
    """Other names, codes and spellings of areas.

    Args:
        decided: what was decided on the desk, by the id of the name; None if it was withdrawn.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits it.
    """
    entries = {other_name.id: other_name for other_name in _register().other_names}
    return with_register_decisions(_register(), "other_names", entries, OtherName, decided).other_names


def area_register(decided: Mapping[str, Any]) -> dict[str, Any]:
    """What the register's file would have, with the other names that were decided on the desk.

    Args:
        decided: as for :func:`other_area_names`.
    """
    register = _register().model_copy(update={"other_names": other_area_names(decided)})
    return register.model_dump(mode="json", exclude_none=True)


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
