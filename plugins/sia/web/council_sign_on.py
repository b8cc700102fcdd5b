"""The pages by which staff sign in with their council account."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from sia.pages.rate_limit import RateLimit
from sia.web import browser_sessions
from sia.web.browser_sessions import hashed
from sia.web.entrance import QUARTER_HOUR, Entrance, browser_secret, client_of, own_path
from sia.web.identity_provider import IdentityProvider, NotConfirmed, ProviderUnreachable, Secrets, confirmed_mailbox
from sia.web.people import STAFF, person
from sia.web.rendering import go_to, page
from sia.web.visits import BROWSER_COOKIE, RequestRefused, transaction

PATH = "/council-sign-on"
CALLBACK = f"{PATH}/callback"
"""Our address to which the identity provider sends people back."""

SIGNED_OUT = f"{PATH}/signed-out"
_MAX_PENDING = 10_000
_BY_LINK = "Or sign in with a link by email."


@dataclass(frozen=True, slots=True)
class _PendingSignIn:
    """A sign-in that somebody began: its secrets, the browser, the page to open afterwards, and when."""

    secrets: Secrets
    browser_hash: str
    after: str
    began: float


class PendingSignIns:
    """The sign-ins that people began, kept in this process. Each ends once, in the same browser, within 15 minutes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._pending: dict[str, _PendingSignIn] = {}
        self._lock = Lock()

    def begin(self, browser: str, after: str) -> Secrets:
        """Begin one, for a browser and the page that it wants to open."""
        secrets = Secrets()
        with self._lock:
            for state in list(self._pending):
                # The oldest are first.
                if len(self._pending) < _MAX_PENDING and not self._is_too_old(self._pending[state]):
                    break
                del self._pending[state]
            self._pending[secrets.state] = _PendingSignIn(secrets, hashed(browser), after, self._now())
        return secrets

    def end(self, state: str, browser: str) -> _PendingSignIn | None:
        """End one; None if nobody began it, or not in this browser, or it is too old or ended before."""
        with self._lock:
            begun = self._pending.pop(state, None)
        if begun is None or begun.browser_hash != hashed(browser) or self._is_too_old(begun):
            return None
        return begun

    def _is_too_old(self, begun: _PendingSignIn) -> bool:
        return self._now() - begun.began > browser_sessions.LINK_MINUTES * 60


def routes(provider: IdentityProvider, address: str) -> APIRouter:
    """The pages.

    Args:
        provider: the council's identity provider.
        address: of our pages.
    """
    router = APIRouter()
    entrance = Entrance(address)
    begun_by = RateLimit(20, QUARTER_HOUR)
    sign_ins = PendingSignIns()

    # A link and not a form, because a browser does not follow a form to another site.
    @router.get(PATH)
    def begin(request: Request, after: str = "/") -> RedirectResponse:
        if not begun_by.allows(client_of(request)):
            raise RequestRefused(429, "You tried to sign in many times. Wait 15 minutes, then try again.")
        browser = browser_secret(request)
        try:
            answer = go_to(provider.sign_in_address(sign_ins.begin(browser, own_path(after))))
        except ProviderUnreachable:
            raise _unreachable() from None
        entrance.remember_browser(answer, browser)
        return answer

    @router.get(CALLBACK)
    def come_back(request: Request, state: str = "", code: str = "") -> RedirectResponse:
        begun = sign_ins.end(state, request.cookies.get(BROWSER_COOKIE, ""))
        if begun is None:
            raise RequestRefused(
                403,
                "This sign-in was not begun in this browser, or is too old, or was used before. Sign in again.",
            )
        try:
            if not code:
                raise NotConfirmed
            claims = provider.claims(code, begun.secrets)
        except ProviderUnreachable:
            raise _unreachable() from None
        except NotConfirmed:
            raise RequestRefused(
                403, f"The council's sign-on did not confirm who you are. Try again. {_BY_LINK}"
            ) from None
        mailbox = confirmed_mailbox(claims)
        if mailbox is None:
            raise RequestRefused(
                403, f"Your council account has no confirmed email address. Ask the council's IT service. {_BY_LINK}"
            )
        with transaction() as cursor:
            somebody = person(cursor, mailbox)
            if somebody is None or not somebody.has(*STAFF):
                raise RequestRefused(
                    403,
                    "The email address of your council account is not in our register of staff. Ask the unit. If you "
                    "send returns, sign in with a link by email.",
                )
            return entrance.enter(cursor, somebody.mailbox, "with a council account", begun.after)

    @router.get(SIGNED_OUT)
    def signed_out() -> HTMLResponse:
        try:
            leads_to = provider.sign_out_address(f"{address}/sign-in")
        except ProviderUnreachable:
            leads_to = None
        return page("signed_out", provider_sign_out=leads_to)

    return router


def _unreachable() -> RequestRefused:
    return RequestRefused(503, f"The council's sign-on does not answer. Try again in a moment. {_BY_LINK}")
