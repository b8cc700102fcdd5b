"""What every way to sign in has in common: the cookies, the session that begins, and the page that opens then."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from psycopg2.extensions import cursor as Cursor

from sia.web import actions, browser_sessions
from sia.web.rendering import go_to
from sia.web.visits import BROWSER_COOKIE, SESSION_COOKIE

QUARTER_HOUR = 15 * 60


class Entrance:
    """The entrance to the pages that people open under an address."""

    def __init__(self, address: str) -> None:
        self._cookie: dict[str, Any] = {
            "httponly": True,
            "samesite": "lax",
            "secure": address.startswith("https://"),
            "path": "/",
        }

    def remember_browser(self, answer: Response, browser: str) -> None:
        """Give a browser the secret by which we know it when it comes back."""
        answer.set_cookie(BROWSER_COOKIE, browser, max_age=browser_sessions.LINK_MINUTES * 60, **self._cookie)

    def enter(self, cursor: Cursor, mailbox: str, way: str, after: str) -> RedirectResponse:
        """Begin the session of somebody whose mailbox is proven, and open a page.

        Args:
            cursor: of the transaction.
            mailbox: theirs.
            way: how they signed in, for the record.
            after: the page.
        """
        session = browser_sessions.begin(cursor, mailbox)
        actions.record(cursor, mailbox, "signed in", way)
        answer = go_to(own_path(after))
        answer.set_cookie(
            SESSION_COOKIE, session, max_age=int(browser_sessions.MAX_TIME.total_seconds()), **self._cookie
        )
        answer.delete_cookie(BROWSER_COOKIE, path="/")
        return answer


def browser_secret(request: Request) -> str:
    """The secret by which we know a browser; a new one if it has none."""
    return request.cookies.get(BROWSER_COOKIE) or browser_sessions.new_secret()


def own_path(path: str) -> str:
    """A path of our own pages; the start page in place of any other address."""
    return path if re.fullmatch(r"/(?!/)[\w/.?=&%-]{0,200}", path) else "/"


def client_of(request: Request) -> str:
    """The address of the machine that asks."""
    return request.client.host if request.client else ""
