"""The registers about whose entries people decide on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.contract.model import contracts
from sia.registers.agreements import Agreement, agreements
from sia.registers.approvers import Approver, approvers
from sia.registers.leads import Lead, leads
from sia.registers.partners import Contact, contacts, partners
from sia.registers.staff import staff
from sia.registers.waivers import Waiver, waivers
from sia.warehouse.register_decisions import AGREEMENTS, APPROVERS, CONTACTS, LEADS, WAIVERS, decided
from sia.web.area_form import AREAS_FORM
from sia.web.decision_form import Change, Entries, FormField, RegisterForm, next_number
from sia.web.people import Role
from sia.web.policy_forms import SETTINGS_FORM, TARGETS_FORM


def _senders() -> dict[str, str]:
    return {key: name for contract in contracts().values() for key, name in contract.senders.items()}


def _waiver_fields() -> tuple[FormField, ...]:
    titles = {name: contract.title for name, contract in contracts().items()}
    return (
        FormField("return", "Return", "choice", choices=titles),
        FormField("source", "Sender", "choice", choices=_senders()),
        FormField("quarter", "Quarter", hint="For example 2021-22Q4."),
        FormField("rule", "Rule", hint="Its reference, for example SAN-COST-01. The receipt and the letter have it."),
        FormField("rows", "Rows", "list", "Rows of the sheet, for example 17, 18. Leave blank for any row."),
        FormField("expect", "In how many places it may fail", "number", "With any other number, nothing is waived."),
        FormField("starts", "First day", "date", "The waiver covers files that we receive from this day on."),
        FormField("until", "Last day", "date"),
    )


def _contact_fields() -> tuple[FormField, ...]:
    return (
        FormField("mailbox", "Email address for returns", hint="A shared mailbox. Everybody who reads it can sign in."),
        FormField("escalation", "Email address of the manager", hint="Gets a letter when a return is a week late."),
        FormField("due_contact", "Contact", hint="A job title, not a name."),
    )


def _addresses_of_contact(contact: Contact) -> set[str]:
    return {contact.mailbox.casefold(), contact.escalation.casefold()}


def _objections_to_contact(cursor: Cursor, change: Change) -> Iterator[str]:
    own = _addresses_of_contact(change.after)
    inside = {partners().unit.mailbox, *(member.mailbox for member in staff() if member.mailbox)}
    inside |= {approver.mailbox for approver in approvers(decided(cursor, APPROVERS))}
    if own & {mailbox.casefold() for mailbox in inside}:
        # They could send and sign the returns that they check or approve.
        yield "This address belongs to the unit, a member of staff or an approver. Enter an address of the partner."
    others = {key: contact for key, contact in contacts(decided(cursor, CONTACTS)).items() if key != change.key}
    if any(own & _addresses_of_contact(contact) for contact in others.values()):
        yield "Another partner has this address. An address acts for one partner only."


def _partners_file(_: Cursor, entries: Entries) -> dict[str, Any]:
    register = partners()
    listed = {key: {"organisation": register.organisation(key), **contact} for key, contact in entries.items()}
    return {"unit": register.unit.model_dump(), "partners": listed}


def _lead_fields() -> tuple[FormField, ...]:
    names = {key: partner.organisation for key, partner in partners().partners.items()}
    return (
        FormField("partner", "Partner", "choice", "Its mailbox gets the letters, and writes commentary.", names),
        FormField("log_ins", "Log-ins", "list", "Who may write the commentary in Airflow, for example unit."),
    )


def _agreement_fields() -> tuple[FormField, ...]:
    return (
        FormField("reference", "Reference", hint="For example DSA-11. A renewed agreement gets a new one."),
        FormField("source", "Sender", "choice", choices=_senders()),
        FormField("signed", "First day", "date"),
        FormField("review_by", "Last day", "date", "From the day after, we refuse the sender's files unread."),
    )


def _approver_fields() -> tuple[FormField, ...]:
    return (
        FormField("id", "Log-in", hint="As Airflow names it. In Docker, this is the number of the user."),
        FormField("name", "Name", hint="What people read, for example Head of community safety."),
        FormField("mailbox", "Email address"),
    )


def _objections_to_approver(cursor: Cursor, change: Change) -> Iterator[str]:
    own = change.person.mailbox
    if any(entry and entry.mailbox.casefold() == own for entry in (change.before, change.after)):
        yield "You cannot decide about yourself. Ask another approver."
    if change.after is None:
        return
    mailbox = change.after.mailbox.casefold()
    stewards = [member for member in staff() if member.role == "steward"]
    of_unit = {partners().unit.mailbox.casefold(), *((member.mailbox or "").casefold() for member in stewards)}
    if mailbox in of_unit or change.key in {member.login for member in stewards}:
        yield "A member of the unit prepares releases, and cannot approve them. Name somebody else."
    if any(mailbox in _addresses_of_contact(contact) for contact in contacts(decided(cursor, CONTACTS)).values()):
        yield "This address sends a partner's returns, and cannot approve what rests on them. Enter another."
    others = [other for other in approvers(decided(cursor, APPROVERS)) if other.id != change.key]
    if any(other.mailbox.casefold() == mailbox for other in others):
        yield "Another approver has this address."


_WAIVERS = RegisterForm(
    name=WAIVERS,
    title="Waivers",
    entry="a waiver",
    about="A waiver lets one critical rule fail in one return. Its findings become warnings, and an approver sees it."
    " It counts when the return is sent again.",
    model=Waiver,
    fields=_waiver_fields,
    entries=lambda known: {waiver.id: waiver for waiver in waivers(known)},
    key_fields=("id",),
    next_id=next_number("WAI"),
    file="waivers.yml",
    document=lambda _, entries: {"waivers": [*entries.values()]},
)

_CONTACTS = RegisterForm(
    name=CONTACTS,
    title="Contacts",
    entry="a contact",
    about="Where each partner gets our letters. Everybody who reads these addresses can sign in, and send the partner's"
    " returns. A new contact counts at once. We sign out the one before, and write to it.",
    model=Contact,
    fields=_contact_fields,
    entries=contacts,
    name_of=lambda key, _: partners().organisation(key),
    objections=_objections_to_contact,
    addresses=_addresses_of_contact,
    loses="We no longer send letters about returns to this address. It can no longer sign in to send returns.",
    file="partners.yml",
    document=_partners_file,
)

_AGREEMENTS = RegisterForm(
    name=AGREEMENTS,
    title="Data-sharing agreements",
    entry="an agreement",
    about="We refuse files unread if no agreement with their sender is in force on the day of receipt. Add a renewed"
    " agreement as a new one. If an agreement ends early, change its last day. Withdraw it only if it was entered by"
    " mistake.",
    model=Agreement,
    fields=_agreement_fields,
    entries=lambda known: {agreement.reference: agreement for agreement in agreements(known).agreements},
    key_fields=("reference",),
    key_of=lambda agreement: str(agreement.reference),
    file="agreements.yml",
    document=lambda _, entries: {"agreements": [*entries.values()]},
)

_LEADS = RegisterForm(
    name=LEADS,
    title="Leads",
    entry="a lead",
    about="Who comments on exceptions. A change counts for the next questions that we ask.",
    model=Lead,
    fields=_lead_fields,
    entries=leads,
    file="leads.yml",
    document=lambda _, entries: {"leads": entries},
)

_APPROVERS = RegisterForm(
    name=APPROVERS,
    title="Approvers",
    entry="an approver",
    about="Who may approve a release. Approvers decide about approvers, but not about themselves, and a member of the"
    " unit cannot become one. If there is no approver any more, change approvers.yml on the server.",
    model=Approver,
    fields=_approver_fields,
    entries=lambda known: {approver.id: approver for approver in approvers(known)},
    key_fields=("id",),
    name_of=lambda _, approver: approver.name,
    deciders=frozenset({Role.APPROVER}),
    objections=_objections_to_approver,
    addresses=lambda approver: {approver.mailbox.casefold()},
    loses="This address can no longer sign in to approve releases.",
    file="approvers.yml",
    document=lambda _, entries: {"approvers": [*entries.values()]},
)

FORMS = {
    form.name: form
    for form in (_WAIVERS, _CONTACTS, _AGREEMENTS, _LEADS, _APPROVERS, SETTINGS_FORM, TARGETS_FORM, AREAS_FORM)
}
"""The forms by the name of their register."""
