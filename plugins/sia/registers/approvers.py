"""Who may approve a release (``approvers.yml``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sia.register_file import Strict, Text, load_register
from sia.registers.partners import Mailbox


class Approver(Strict):
    """An approver: ``id`` is Airflow's name for the log-in, ``name`` is what people read."""

    id: Text
    name: Text
    mailbox: Mailbox


class _ApproverRegister(Strict):
    # For Airflow, an empty list would mean that anybody may approve.
    approvers: Annotated[tuple[Approver, ...], Field(min_length=1)]


def approvers() -> tuple[Approver, ...]:
    """The approvers, as the register is now.

    Raises:
        RegisterError: the register cannot be read, or names nobody.
    """
    return load_register(_ApproverRegister, "approvers.yml").approvers
