"""Who may sign in to the web pages, and in which roles: staff, approvers, leads and partners, by their registers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psycopg2.extensions import cursor as Cursor

from sia.registers.approvers import approvers
from sia.registers.leads import leads
from sia.registers.partners import contacts, partners
from sia.registers.staff import staff
from sia.warehouse.register_decisions import APPROVERS, CONTACTS, LEADS, decided


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


def person(cursor: Cursor, mailbox: str) -> Person | None:
    """The person with a mailbox, as the registers are now; ``None`` if nobody with it may sign in.

    Args:
        cursor: of the transaction.
        mailbox: in capital or small letters.

    Raises:
        RegisterError: a register cannot be read.
    """
    wanted = mailbox.strip().casefold()
    register = partners()
    roles: set[Role] = set()
    organisation, source = "", None
    for key, contact in contacts(decided(cursor, CONTACTS)).items():
        if wanted in (contact.mailbox.casefold(), contact.escalation.casefold()):
            roles.add(Role.PARTNER)
            organisation, source = register.organisation(key), key
    all_leads = leads(decided(cursor, LEADS))
    own_leads = tuple(name for name, lead in all_leads.items() if source is not None and lead.partner == source)
    if own_leads:
        roles.add(Role.LEAD)
    for approver in approvers(decided(cursor, APPROVERS)):
        if approver.mailbox.casefold() == wanted:
            roles.add(Role.APPROVER)
            organisation = approver.name
    for member in staff():
        if member.mailbox and member.mailbox.casefold() == wanted:
            roles.add(Role.UNIT if member.role == "steward" else Role.ANALYST)
            organisation = register.unit.organisation
    return Person(wanted, organisation, frozenset(roles), source, own_leads) if roles else None
