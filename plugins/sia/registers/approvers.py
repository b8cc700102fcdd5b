"""Who may approve a release: ``include/registers/approvers.yml``, or the file that ``SIA_APPROVERS`` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from sia.contract.model import Strict
from sia.paths import REGISTERS
from sia.registers.partners import Mailbox


class Approver(Strict):
    """One approver: what Airflow calls the log-in, the name or role that people read, and where mail reaches them."""

    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    mailbox: Mailbox


class _Register(Strict):
    # Airflow takes an empty list for "anybody".
    approvers: Annotated[tuple[Approver, ...], Field(min_length=1)]


def approvers() -> tuple[Approver, ...]:
    """The approvers, as the register is now.

    Raises:
        pydantic.ValidationError: the file names nobody, or says something that it cannot say.
    """
    path = Path(os.environ.get("SIA_APPROVERS") or REGISTERS / "approvers.yml")
    return _Register.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).approvers
