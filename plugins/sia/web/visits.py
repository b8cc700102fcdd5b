"""Who opens a page, what they may do, and how a form is read: every route depends on one of these functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from psycopg2.extensions import cursor as Cursor
from starlette.datastructures import FormData, UploadFile

from sia.warehouse import database
from sia.web import browser_sessions
from sia.web.people import Person, Role, person

SESSION_COOKIE, BROWSER_COOKIE = "desk_session", "desk_browser"
_MAX_FORM_BYTES = 100_000
_MAX_FIELDS, _MAX_FIELD_BYTES = 60, 20_000


class RequestRefused(Exception):
    """A request that we refuse: the HTTP status, and what the page says. It never repeats what was sent."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class SignInNeeded(Exception):
    """Nobody has signed in, or the session has ended."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who has signed in. ``token`` is what their forms carry."""

    person: Person
    token: str


@contextmanager
def transaction() -> Iterator[Cursor]:
    """A transaction with the rights of the desk and no others; committed at the end."""
    with database.kept_connection("desk") as connection, connection, connection.cursor() as cursor:
        yield cursor


def signed_in(request: Request) -> Visit:
    """The visit of a person who has signed in.

    Raises:
        SignInNeeded: there is no session, it has ended, or the person may no longer sign in.
    """
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        raise SignInNeeded
    with transaction() as cursor:
        mailbox = browser_sessions.mailbox_of(cursor, secret)
        somebody = person(cursor, mailbox) if mailbox else None
    if somebody is None:
        raise SignInNeeded
    request.state.mailbox = somebody.mailbox
    return Visit(somebody, browser_sessions.form_token(secret))


SIGNED_IN = Depends(signed_in)
SignedIn = Annotated[Visit, SIGNED_IN]


def needs(*roles: Role) -> Callable[[Visit], Visit]:
    """A dependency: the visit of a person who has one of some roles, and nobody else's."""

    def allowed(visit: SignedIn) -> Visit:
        if not visit.person.has(*roles):
            raise RequestRefused(403, "This page is not for you. If you need it, ask the unit.")
        return visit

    return allowed


FOR_STAFF = Depends(needs(Role.UNIT, Role.ANALYST))
"""For a route that answers all staff alike."""

ByUnit = Annotated[Visit, Depends(needs(Role.UNIT))]
ByStaff = Annotated[Visit, Depends(needs(Role.UNIT, Role.ANALYST))]
ByPartner = Annotated[Visit, Depends(needs(Role.PARTNER))]
ByUnitOrPartner = Annotated[Visit, Depends(needs(Role.UNIT, Role.PARTNER))]
ByApprover = Annotated[Visit, Depends(needs(Role.APPROVER))]
ByUnitOrApprover = Annotated[Visit, Depends(needs(Role.UNIT, Role.APPROVER))]
FOR_APPROVERS = Depends(needs(Role.UNIT, Role.APPROVER))
"""For a route that answers all of them alike."""

ByUnitOrLead = Annotated[Visit, Depends(needs(Role.UNIT, Role.LEAD))]


Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A number in an address that the warehouse can hold."""


def refuse_other_sites(request: Request) -> None:
    """Another site must not make a browser send a form in its user's name.

    Raises:
        RequestRefused: the form was not sent from this site.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site != "same-origin" if site else origin is not None and origin.partition("://")[2] != request.url.netloc
    if foreign:
        raise RequestRefused(403, "This form was not sent from our page. Open the page and send it from there.")


def refuse_large_forms(request: Request, most: int = _MAX_FORM_BYTES) -> None:
    """Refuse a form before it is read, if it is larger than ``most`` bytes or does not say how large it is.

    Raises:
        RequestRefused: it is.
    """
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise RequestRefused(411, "The size of the form is missing. Send it from our page.")
    if int(length) > most:
        raise RequestRefused(413, "This is too large. Send less, or send the files one by one.")


async def posted_text(request: Request) -> Mapping[str, str]:
    """The fields of a small form from our own site, for somebody who need not have signed in."""
    refuse_other_sites(request)
    refuse_large_forms(request)
    async with request.form(max_files=0, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES) as form:
        return fields(form)


async def posted(request: Request, visit: SignedIn) -> Mapping[str, str]:
    """The fields of a small form that our own page of this session sent.

    Raises:
        RequestRefused: another site, page or session sent it, or it is too large.
    """
    form = await posted_text(request)
    refuse_other_pages(form, visit)
    return form


Anonymous = Annotated[Mapping[str, str], Depends(posted_text)]
Posted = Annotated[Mapping[str, str], Depends(posted)]
FORM = Depends(posted)
"""For a route whose form has no field but the token."""


def refuse_other_pages(form: Mapping[str, Any], visit: Visit) -> None:
    """Refuse a form that does not carry the session's token.

    Raises:
        RequestRefused: it does not.
    """
    if form.get("token") != visit.token:
        raise RequestRefused(403, "This page is too old. Open it again, and send the form again.")


def refuse_old_pages(form: Mapping[str, str], history: Sequence[object]) -> None:
    """Refuse a decision from a page that does not show the newest one: it would undo what its author never read.

    Args:
        form: its field ``earlier`` says how many decisions the page showed.
        history: the decisions so far.

    Raises:
        RequestRefused: the page is older than the newest decision.
    """
    if form.get("earlier") != str(len(history)):
        raise RequestRefused(409, SOMEBODY_ELSE)


SOMEBODY_ELSE = "Somebody else has decided since you opened the page. Open it again."


def fields(form: FormData) -> dict[str, str]:
    """The fields of a form that are text, without spaces around them."""
    return {name: value.strip() for name, value in form.items() if not isinstance(value, UploadFile)}


def own_source(visit: Visit) -> str:
    """The sender for which a partner acts.

    Raises:
        RequestRefused: the person acts for none.
    """
    if visit.person.source is None:
        raise RequestRefused(403, "You do not send returns.")
    return visit.person.source
