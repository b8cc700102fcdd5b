"""The mail catcher's page: list and read the letters, and download their attachments.

We do not trust the content of a letter. The page shows its HTML in a frame with no scripts, forms or external content:
the frame's sandbox and a content security policy both enforce this. It offers attachments for download only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.middleware.trustedhost import TrustedHostMiddleware

from sia.pages.rate_limit import RateLimit
from sia.pages.responses import ALWAYS
from sia.pages.responses import html as page

LOCAL_NAMES = ["127.0.0.1", "localhost"]
MAX_WRONG_PASSWORDS, BRAKE_SECONDS = 10, 60
"""After so many wrong passwords in so many seconds, no password is read."""

# Allows a letter's own styles and embedded pictures, and nothing active.
_LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def create(caught: Callable[[], Sequence[EmailMessage]], user: str, password: str) -> FastAPI:
    """The page as an application, for one log-in.

    Args:
        caught: returns the letters, oldest first. The first has the number 1.
        user: the log-in that may read them.
        password: the log-in's password.
    """
    wrong_passwords = RateLimit(MAX_WRONG_PASSWORDS, BRAKE_SECONDS)

    def signed_in(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic(realm="Mail catcher"))]) -> None:
        # The log-in is one, so everybody waits.
        if wrong_passwords.is_reached(user):
            raise HTTPException(429, headers={"Retry-After": str(BRAKE_SECONDS)})
        matches = [
            secrets.compare_digest(entered.encode(), expected.encode())
            for entered, expected in ((given.username, user), (given.password, password))
        ]
        if not all(matches):
            wrong_passwords.allows(user)
            raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="Mail catcher"'})

    def letter(number: int) -> EmailMessage:
        letters = caught()
        if not 1 <= number <= len(letters):
            raise HTTPException(404)
        return letters[number - 1]

    app = FastAPI(dependencies=[Depends(signed_in)], docs_url=None, redoc_url=None, openapi_url=None)
    # Against DNS rebinding: another site could point its name at this address and read the letters.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES)

    @app.get("/")
    def listed() -> HTMLResponse:
        return page("caught.html.j2", letters=list(enumerate(caught(), start=1)))

    @app.get("/{number}")
    def opened(number: int) -> HTMLResponse:
        shown = letter(number)
        return page(
            "caught_letter.html.j2",
            frames="self",
            number=number,
            letter=shown,
            plain=_text(shown, "plain"),
            has_html=shown.get_body(("html",)) is not None,
            attached=[(part.get_filename() or "without a name", _size(part)) for part in shown.iter_attachments()],
        )

    @app.get("/{number}/html")
    def html(number: int) -> HTMLResponse:
        text = _text(letter(number), "html")
        if text is None:
            raise HTTPException(404)
        return HTMLResponse(text, headers={**ALWAYS, "Content-Security-Policy": _LETTER_POLICY})

    @app.get("/{number}/attachments/{place}")
    def attachment(number: int, place: int) -> Response:
        parts = list(letter(number).iter_attachments())
        if not 1 <= place <= len(parts):
            raise HTTPException(404)
        name = quote(parts[place - 1].get_filename() or "attachment", safe="")
        headers = {**ALWAYS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(_content(parts[place - 1]), media_type="application/octet-stream", headers=headers)

    return app


def _text(letter: EmailMessage, kind: str) -> str | None:
    body = letter.get_body((kind,))
    return None if body is None else str(body.get_content())


def _content(part: EmailMessage) -> bytes:
    # An attached email, or text, has no decoded bytes.
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _size(part: EmailMessage) -> str:
    size = len(_content(part))
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"
