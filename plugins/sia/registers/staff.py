"""Which role of the warehouse a member of staff has (``staff.yml``)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sia.register_file import Strict, Text, duplicates, load_register

Role = Literal["steward", "publisher", "analyst"]


class _StaffMember(Strict):
    login: Text
    role: Role


class _StaffRegister(Strict):
    staff: tuple[_StaffMember, ...]

    @model_validator(mode="after")
    def _log_ins_are_unique(self) -> Self:
        if twice := duplicates(member.login for member in self.staff):
            raise ValueError(f"two entries have the login {', '.join(twice)}")
        return self


def role_of(login: str) -> Role | None:
    """The role of a log-in, as the register is now; ``None`` if the register does not name it.

    Raises:
        RegisterError: the register cannot be read.
    """
    return {member.login: member.role for member in load_register(_StaffRegister, "staff.yml").staff}.get(login)
