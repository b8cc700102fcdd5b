"""Who comments on exceptions: ``include/registers/leads.yml``, or the file that ``SIA_LEADS`` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from sia.contract.model import Name, Strict
from sia.paths import REGISTERS
from sia.registers.partners import partners

LogIn = Annotated[str, Field(min_length=1)]


class Lead(Strict):
    """A lead: whose mailbox is written to, and which log-ins may write its commentary in Airflow."""

    partner: Name
    # Airflow takes an empty list for "anybody".
    log_ins: Annotated[tuple[LogIn, ...], Field(min_length=1)]


class _Register(Strict):
    leads: dict[str, Lead]


def leads() -> dict[str, Lead]:
    """The leads by the name that the register of measures gives them, as the register is now.

    Raises:
        pydantic.ValidationError: the file says something that it cannot say.
        ValueError: the register of partners has no mailbox for a lead; the message names all that have none.
    """
    path = Path(os.environ.get("SIA_LEADS") or REGISTERS / "leads.yml")
    found = _Register.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).leads
    if missing := {lead.partner for lead in found.values()} - partners().partners.keys():
        raise ValueError(f"{path.name}: no mailbox for {', '.join(sorted(missing))}")
    return found
