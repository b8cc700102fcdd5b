"""Areas: district, Community Safety Partnership (CSP), county, and where else a row may lie.

The register is ``include/registers/areas.yml``; membership is dated, because partnerships merge.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from sia.paths import REGISTERS


class AreaType(StrEnum):
    """What kind of area a code stands for."""

    DISTRICT = "district"
    CSP = "csp"
    COUNTY = "county"
    SERVICE = "service"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Member(BaseModel):
    """``area`` belongs to its parent from one day until the day before another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    area: str
    starts: date
    until: date | None = None


class Area(BaseModel):
    """One area. ``column`` is its name in wide returns, where each area is a column.

    ``source`` is whose service area it is; the areas of everybody have none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name: str
    column: str
    type: AreaType
    source: str | None = None
    members: tuple[Member, ...] = ()

    def member_codes(self, day: date) -> tuple[str, ...]:
        """The codes of the areas that make up this one on a day; the area itself if it has none."""
        inside = tuple(
            member.area
            for member in self.members
            if member.starts <= day and (member.until is None or day < member.until)
        )
        return inside or (self.code,)


@cache
def areas() -> dict[str, Area]:
    """Every area by its code, in the order in which people expect to read them."""
    rows = yaml.safe_load((REGISTERS / "areas.yml").read_text(encoding="utf-8"))
    found = [Area.model_validate(row) for row in rows["areas"]]
    return {area.code: area for area in found}


def of_type(*types: AreaType) -> tuple[Area, ...]:
    """The areas of some types, in the order of the register."""
    return tuple(area for area in areas().values() if area.type in types)


def districts() -> tuple[Area, ...]:
    """The five districts."""
    return of_type(AreaType.DISTRICT)


def csps() -> tuple[Area, ...]:
    """The four Community Safety Partnerships."""
    return of_type(AreaType.CSP)


def county() -> Area:
    """Oxfordshire."""
    return of_type(AreaType.COUNTY)[0]
