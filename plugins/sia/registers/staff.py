"""Members of staff: their role in the warehouse, and with which mailbox they sign in to the desk (``staff.yml``)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sia.register_file import Strict, Text, duplicates, load_register
from sia.registers.partners import Mailbox

Role = Literal["steward", "publisher", "analyst"]


class StaffMember(Strict):
    """A member of staff. ``login`` is the log-in in Airflow; without a ``mailbox`` they do not sign in to our pages."""

    login: Text
    role: Role
    mailbox: Mailbox | None = None


class _StaffRegister(Strict):
    staff: tuple[StaffMember, ...]

    @model_validator(mode="after")
    def _log_ins_and_mailboxes_are_unique(self) -> Self:
        if twice := duplicates(member.login for member in self.staff):
            raise ValueError(f"two entries have the login {', '.join(twice)}")
        if twice := duplicates(member.mailbox for member in self.staff if member.mailbox):
            raise ValueError(f"two entries have the mailbox {', '.join(twice)}")
        return self


def staff() -> tuple[StaffMember, ...]:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        RegisterError: the register cannot be read.
    """
    return load_register(_StaffRegister, "staff.yml").staff


def role_of(login: str) -> Role | None:
    """The role of a log-in, as the register is now; ``None`` if the register does not name it.

    Raises:
        RegisterError: the register cannot be read.
    """
    return {member.login: member.role for member in staff()}.get(login)
