"""The pages to sign in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from sia.feedback.letter import render
from sia.feedback.smtp import MailServer
from sia.pages.rate_limit import RateLimit
from sia.web import actions, browser_sessions, council_sign_on, direct_email
from sia.web.entrance import QUARTER_HOUR, Entrance, browser_secret, client_of, own_path
from sia.web.people import STAFF, Role, person
from sia.web.rendering import go_to, page
from sia.web.visits import BROWSER_COOKIE, FORM, SESSION_COOKIE, Anonymous, RequestRefused, SignedIn, transaction

_MAX_ADDRESS = 254  # RFC 5321


def routes(mail_server: MailServer, address: str, *, council_accounts: bool) -> APIRouter:
    """The pages to sign in and out.

    Args:
        mail_server: opens a connection to the mail server.
        address: of the pages, for the link in the email.
        council_accounts: whether staff may sign in with their council account too.
    """
    router = APIRouter()
    entrance = Entrance(address)
    links_of_mailbox = RateLimit(5, QUARTER_HOUR)
    links_of_browser = RateLimit(20, QUARTER_HOUR)
    tries = RateLimit(20, QUARTER_HOUR)
    council = council_sign_on.PATH if council_accounts else None

    @router.get("/sign-in")
    def form(after: str = "/") -> HTMLResponse:
        return page("sign_in", after=own_path(after), problem="", council=council)

    @router.post("/sign-in")
    def ask(request: Request, form: Anonymous, later: BackgroundTasks) -> Response:
        mailbox, after = form.get("mailbox", "").casefold(), own_path(form.get("after", "/"))
        if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]+", mailbox) or len(mailbox) > _MAX_ADDRESS:
            problem = "Enter an email address, for example returns@example.org."
            return page("sign_in", None, 422, after=after, problem=problem, council=council)
        if not (links_of_browser.allows(client_of(request)) and links_of_mailbox.allows(mailbox)):
            raise RequestRefused(429, "You asked for many links. Wait 15 minutes, then ask again.")
        browser = browser_secret(request)
        # Afterwards, so that the answer for an unknown address takes as long as for a known one.
        later.add_task(_send_link, mail_server, address, mailbox, browser, after)
        answer = page("link_sent")
        entrance.remember_browser(answer, browser)
        return answer

    # A form, because a program that scans emails opens each link.
    @router.get("/sign-in/{secret}")
    def confirm(secret: str, after: str = "/") -> HTMLResponse:
        return page("confirm_sign_in", secret=secret, after=own_path(after))

    @router.post("/sign-in/{secret}")
    def enter(request: Request, secret: str, form: Anonymous) -> RedirectResponse:
        if not tries.allows(client_of(request)):
            raise RequestRefused(429, "You tried many links. Wait 15 minutes, then ask for a new one.")
        with transaction() as cursor:
            mailbox = browser_sessions.use_link(cursor, secret, request.cookies.get(BROWSER_COOKIE))
            if mailbox is None or person(cursor, mailbox) is None:
                raise RequestRefused(
                    403,
                    "This link does not work here. It works once, for 15 minutes, and in the browser in which you "
                    "asked for it. Ask for a new link.",
                )
            return entrance.enter(cursor, mailbox, "with a link by email", form.get("after", "/"))

    @router.post("/sign-out", dependencies=[FORM])
    def leave(request: Request, visit: SignedIn) -> RedirectResponse:
        with transaction() as cursor:
            browser_sessions.end(cursor, request.cookies[SESSION_COOKIE])
            actions.record(cursor, visit.person.mailbox, "signed out", "")
        has_account = council_accounts and visit.person.has(*STAFF)
        answer = go_to(council_sign_on.SIGNED_OUT if has_account else "/sign-in")
        answer.delete_cookie(SESSION_COOKIE, path="/")
        return answer

    @router.get("/")
    def start(visit: SignedIn) -> RedirectResponse:
        if visit.person.has(*STAFF):
            return go_to("/returns")
        if visit.person.has(Role.PARTNER):
            return go_to("/my-returns")
        return go_to("/approval" if visit.person.has(Role.APPROVER) else "/released")

    return router


def _send_link(mail_server: MailServer, address: str, mailbox: str, browser: str, after: str) -> None:
    """Send a link to a mailbox, if somebody with it may sign in."""
    with transaction() as cursor:
        somebody = person(cursor, mailbox)
        if somebody is None:
            actions.record(cursor, None, actions.REFUSED, "a link to sign in for an address that we do not know")
            return
        secret = browser_sessions.new_link(cursor, mailbox, browser)
    link = f"{address}/sign-in/{secret}" + (f"?after={quote(after, safe='')}" if after != "/" else "")
    words: Mapping[str, Any] = {
        "organisation": somebody.organisation,
        "link": Markup(link),  # noqa: S704 - our own address
        "minutes": browser_sessions.LINK_MINUTES,
    }
    letter = render("sign_in", "sign_in", "Your link to sign in to the safer communities returns", words)
    direct_email.send(mail_server, mailbox, letter)
