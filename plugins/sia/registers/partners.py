"""Where letters go: ``include/registers/partners.yml``, or the file that ``SIA_PARTNERS`` names, read strictly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import StringConstraints

from sia.contract.model import Name, Strict, returns
from sia.paths import REGISTERS

UNIT = "unit"

# One mailbox and nothing else: no display name, no list, no line break that would reach a mail's headers.
Mailbox = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]


class Unit(Strict):
    """The county's safer communities unit: the sender of every letter."""

    organisation: str
    mailbox: Mailbox


class Partner(Strict):
    """One sender of returns. ``due_contact`` is the role that answers for a return, never a person."""

    organisation: str
    mailbox: Mailbox
    escalation: Mailbox
    due_contact: str


class Partners(Strict):
    """The whole register."""

    unit: Unit
    partners: dict[Name, Partner]

    def mailbox(self, recipient: str, *, escalation: bool = False) -> str:
        """The mailbox of a partner by its key, the one to which what is late goes, or that of the unit.

        Raises:
            KeyError: no such partner is in the register.
        """
        if recipient == UNIT:
            return self.unit.mailbox
        partner = self.partners[recipient]
        return partner.escalation if escalation else partner.mailbox

    def organisation(self, recipient: str) -> str:
        """What a partner, or the unit, is called in a letter.

        Raises:
            KeyError: no such partner is in the register.
        """
        return self.unit.organisation if recipient == UNIT else self.partners[recipient].organisation


def partners() -> Partners:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        pydantic.ValidationError: the file says something that the register cannot say.
        ValueError: a sender of a return is missing from it; the message names all that are.
    """
    path = Path(os.environ.get("SIA_PARTNERS") or REGISTERS / "partners.yml")
    found = Partners.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    senders = {key for contract in returns().values() for key in contract.senders}
    if missing := senders - found.partners.keys():
        raise ValueError(f"{path.name}: no mailbox for {', '.join(sorted(missing))}")
    return found
