"""The organisations that get letters (``partners.yml``), and their contacts, which the unit may change on the desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, model_validator

from sia.contract.model import Name, returns
from sia.register_file import Strict, Text, load_register, with_decisions

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


class Contact(Strict):
    """Where a partner and its manager get letters. ``due_contact`` is the role that answers for a return."""

    mailbox: Mailbox
    escalation: Mailbox
    due_contact: Text


class Partner(Contact):
    """A sender of returns, with its contact as the file has it: :func:`contacts` has the contact that counts."""

    organisation: Text


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


def contacts(decided: Mapping[str, Any]) -> dict[str, Contact]:
    """The contact of each partner, by its key, as it is now.

    Args:
        decided: what was decided on the desk, by the partner's key.

    Raises:
        RegisterError: the register cannot be read, or a decision no longer fits it.
    """
    listed = partners().partners
    entries = {key: Contact(**partner.model_dump(exclude={"organisation"})) for key, partner in listed.items()}
    return with_decisions(entries, Contact, {key: entry for key, entry in decided.items() if key in listed})
