"""A brake on Airflow's own passwords: anyone who enters many wrong ones has to wait."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sia.pages.rate_limit import RateLimit

MAX_WRONG_PASSWORDS, BRAKE_SECONDS = 10, 60
"""After so many wrong passwords from one address in so many seconds, we read no password from it."""

PASSWORDS = "/auth/token"
"""Below this address, Airflow reads a password and answers with a token."""
_WRONG = 401


class PasswordBrake:
    """Reads every request to Airflow's API server first, and counts refused passwords by the address that sent them.

    The form of the log-in page has its own limit, which Airflow sets. This is for the addresses where programs log in.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._wrong_passwords = RateLimit(MAX_WRONG_PASSWORDS, BRAKE_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PASSWORDS):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if self._wrong_passwords.is_reached(address):
            answer = PlainTextResponse("Wait a minute, and try again.", 429, {"Retry-After": str(BRAKE_SECONDS)})
            await answer(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _WRONG:
                self._wrong_passwords.allows(address)
            await send(message)

        await self._app(scope, receive, watch)
