"""A brake on Airflow's own passwords: anyone who enters many wrong ones has to wait."""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sia.pages.rate_limit import RateLimit

MAX_WRONG_PASSWORDS, BRAKE_SECONDS = 10, 60
"""After so many wrong passwords for one account from one address in so many seconds, we read no more of them."""
MAX_WRONG_OF_ADDRESS = 100
"""After so many wrong passwords for any accounts, we read none from the address. Many people may share it."""
MAX_BODY_BYTES = 10_000

PASSWORDS = "/auth/token"
"""Below this address, Airflow reads a password and answers with a token."""
_WRONG = 401
_FORM = "application/x-www-form-urlencoded"


class PasswordBrake:
    """Reads every request to Airflow's API server first, and counts refused passwords by account and address.

    People behind one proxy share an address, and must not wait because one of them enters a wrong password. The form of
    the log-in page has its own limit, which Airflow sets. This is for the addresses where programs log in.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._of_account = RateLimit(MAX_WRONG_PASSWORDS, BRAKE_SECONDS)
        self._of_address = RateLimit(MAX_WRONG_OF_ADDRESS, BRAKE_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PASSWORDS):
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            await PlainTextResponse("This is too much for a log-in.", 413)(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        account = f"{address} {await _account(scope, body)}"
        if self._of_account.is_reached(account) or self._of_address.is_reached(address):
            answer = PlainTextResponse("Wait a minute, and try again.", 429, {"Retry-After": str(BRAKE_SECONDS)})
            await answer(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _WRONG:
                self._of_account.allows(account)
                self._of_address.allows(address)
            await send(message)

        await self._app(scope, _again(body, receive), watch)


async def _body(receive: Receive) -> bytes | None:
    """What was sent; ``None`` if it is too much."""
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return None
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives what was sent once more, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message


async def _account(scope: Scope, body: bytes) -> str:
    """The account whose password was entered; empty if a request names none, or several."""
    request = Request(scope, _again(body, _nothing))
    names: Sequence[object] = []
    try:
        if request.headers.get("content-type", "").startswith(_FORM):
            names = (await request.form()).getlist("username")
        else:
            # Pairs, because of two entries of one name Airflow would read the last.
            pairs = json.loads(body, object_pairs_hook=list)
            names = [value for name, value in pairs if name == "username"]
    except (ValueError, TypeError, RecursionError):
        # Airflow refuses it.
        pass
    match names:
        case [str(name)]:
            return name
        case _:
            return ""


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
