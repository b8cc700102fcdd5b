"""Who comments on exceptions (``leads.yml``)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sia.contract.model import Name
from sia.register_file import Strict, Text, load_register
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


def leads() -> dict[str, Lead]:
    """The leads, by the name that the register of measures gives them, as the register is now.

    Raises:
        RegisterError: the register cannot be read, or a lead has no mailbox.
    """
    return load_register(_LeadRegister, "leads.yml").leads
