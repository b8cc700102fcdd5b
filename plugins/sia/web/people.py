"""Who may sign in to the web pages, and in which roles: staff, approvers, leads and partners, by their registers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sia.registers.approvers import approvers
from sia.registers.leads import leads
from sia.registers.partners import partners
from sia.registers.staff import staff


class Role(StrEnum):
    """What a person does on the pages.

    As in the warehouse, stewards alone look after returns (``UNIT``). Other staff (``ANALYST``) see which returns came,
    and no finding, letter or file.
    """

    UNIT = "unit"
    ANALYST = "analyst"
    APPROVER = "approver"
    LEAD = "lead"
    PARTNER = "partner"


STAFF = frozenset({Role.UNIT, Role.ANALYST})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    ``source`` is the key of the sender for which a partner acts, and ``leads`` are the names of the leads for which
    a lead writes commentary.
    """

    mailbox: str
    organisation: str
    roles: frozenset[Role]
    source: str | None = None
    leads: tuple[str, ...] = ()

    def has(self, *roles: Role) -> bool:
        """Whether the person has any of some roles."""
        return not self.roles.isdisjoint(roles)


def person(mailbox: str) -> Person | None:
    """The person with a mailbox, as the registers are now; ``None`` if nobody with it may sign in.

    Raises:
        RegisterError: a register cannot be read.
    """
    wanted = mailbox.strip().casefold()
    register = partners()
    roles: set[Role] = set()
    organisation, source = "", None
    for key, partner in register.partners.items():
        if wanted in (partner.mailbox.casefold(), partner.escalation.casefold()):
            roles.add(Role.PARTNER)
            organisation, source = partner.organisation, key
    own_leads = tuple(name for name, lead in leads().items() if source is not None and lead.partner == source)
    if own_leads:
        roles.add(Role.LEAD)
    for approver in approvers():
        if approver.mailbox.casefold() == wanted:
            roles.add(Role.APPROVER)
            organisation = approver.name
    for member in staff():
        if member.mailbox and member.mailbox.casefold() == wanted:
            roles.add(Role.UNIT if member.role == "steward" else Role.ANALYST)
            organisation = register.unit.organisation
    return Person(wanted, organisation, frozenset(roles), source, own_leads) if roles else None
