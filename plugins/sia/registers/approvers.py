"""Who may approve a release (``approvers.yml``, and decisions on the desk)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from sia.register_file import Strict, Text, load_register, with_register_decisions
from sia.registers.partners import Mailbox


class Approver(Strict):
    """An approver: ``id`` is Airflow's name for the log-in, ``name`` is what people read."""

    id: Text
    name: Text
    mailbox: Mailbox


class _ApproverRegister(Strict):
    # For Airflow, an empty list would mean that anybody may approve.
    approvers: Annotated[tuple[Approver, ...], Field(min_length=1)]


def approvers(decided: Mapping[str, Any]) -> tuple[Approver, ...]:
    """The approvers, as the register is now.

    Args:
        decided: what was decided on the desk, by the approver's id; None if it was withdrawn.

    Raises:
        RegisterError: the register cannot be read, or names nobody.
    """
    register = load_register(_ApproverRegister, "approvers.yml")
    entries = {approver.id: approver for approver in register.approvers}
    return with_register_decisions(register, "approvers", entries, Approver, decided).approvers
