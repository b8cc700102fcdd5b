"""Who of the staff has which role of the warehouse: ``include/registers/staff.yml``, or the file of ``SIA_STAFF``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sia.paths import REGISTERS

Role = Literal["steward", "publisher", "analyst"]


class _Member(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    login: Annotated[str, Field(min_length=1)]
    role: Role


class _Register(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    staff: tuple[_Member, ...]


def role_of(login: str) -> Role | None:
    """The role of whoever has signed in so; ``None`` if the register does not name them.

    Raises:
        pydantic.ValidationError: the file says something that it cannot say.
        ValueError: it names a log-in twice.
    """
    path = Path(os.environ.get("SIA_STAFF") or REGISTERS / "staff.yml")
    staff = _Register.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).staff
    roles = {member.login: member.role for member in staff}
    if len(roles) != len(staff):
        raise ValueError("a log-in stands twice in the register of staff")
    return roles.get(login)
