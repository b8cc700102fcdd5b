"""The organisations that get letters, and their mailboxes (``partners.yml``)."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from sia.contract.model import Name, returns
from sia.register_file import Strict, Text, load_register

UNIT = "unit"
_TELEPHONE = re.compile(r"[0-9+][0-9 ]{8,15}")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _is_mailbox(text: str) -> str:
    # No display name, no list, and no line break that would reach an email's headers.
    if not _MAILBOX.fullmatch(text):
        raise ValueError("must be one email address and nothing else, for example returns@example.org")
    return text


Mailbox = Annotated[str, AfterValidator(_is_mailbox)]


def _is_telephone(text: str) -> str:
    if not _TELEPHONE.fullmatch(text):
        raise ValueError("must be one telephone number, for example 01632 960 100")
    return text


Telephone = Annotated[str, AfterValidator(_is_telephone)]


class Unit(Strict):
    """The county's safer communities unit, which sends every letter. ``signed_by`` is the role that signs them."""

    organisation: Text
    signed_by: Text
    mailbox: Mailbox
    telephone: Telephone


class Partner(Strict):
    """A sender of returns. ``due_contact`` is the role that answers for a return, never a person's name."""

    organisation: Text
    mailbox: Mailbox
    escalation: Mailbox
    due_contact: Text


class Partners(Strict):
    """The whole register."""

    unit: Unit
    partners: dict[Name, Partner]

    @model_validator(mode="after")
    def _every_sender_has_a_mailbox(self) -> Self:
        senders = {sender for contract in returns().values() for sender in contract.senders}
        if missing := senders - self.partners.keys():
            raise ValueError(f"no mailbox for {', '.join(sorted(missing))}: add an entry for each under partners")
        return self

    def mailbox(self, recipient: str, *, escalation: bool = False) -> str:
        """The mailbox of the unit or of a partner, by its key; for an escalation, that of the partner's manager.

        Raises:
            KeyError: the register has no such partner.
        """
        if recipient == UNIT:
            return self.unit.mailbox
        partner = self.partners[recipient]
        return partner.escalation if escalation else partner.mailbox

    def organisation(self, recipient: str) -> str:
        """The name of the unit or of a partner in letters, by its key.

        Raises:
            KeyError: the register has no such partner.
        """
        return self.unit.organisation if recipient == UNIT else self.partners[recipient].organisation


def partners() -> Partners:
    """The register as it is now: it may be changed while the software runs.

    Raises:
        RegisterError: the register cannot be read, or a sender of a return is missing.
    """
    return load_register(Partners, "partners.yml")
