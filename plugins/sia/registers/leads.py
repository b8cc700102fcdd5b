"""Who comments on exceptions (``leads.yml``, and decisions on the desk)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sia.contract.model import Name
from sia.register_file import Strict, Text, load_register, with_register_decisions
from sia.registers.partners import partners


class Lead(Strict):
    """A lead: the partner whose mailbox gets the letters, and the log-ins that may write commentary in Airflow."""

    partner: Name
    # For Airflow, an empty list would mean that anybody may comment.
    log_ins: Annotated[tuple[Text, ...], Field(min_length=1)]


class _LeadRegister(Strict):
    leads: dict[str, Lead]

    @model_validator(mode="after")
    def _partners_have_mailboxes(self) -> Self:
        if missing := {lead.partner for lead in self.leads.values()} - partners().partners.keys():
            raise ValueError(f"no mailbox for {', '.join(sorted(missing))}: add it to partners.yml")
        return self


def leads(decided: Mapping[str, Any]) -> dict[str, Lead]:
    """The leads, by the name that the register of measures gives them, as the register is now.

    Args:
        decided: what was decided on the desk, by the lead's name.

    Raises:
        RegisterError: the register cannot be read, or a lead has no mailbox.
    """
    register = load_register(_LeadRegister, "leads.yml")
    return with_register_decisions(register, "leads", register.leads, Lead, decided).leads
