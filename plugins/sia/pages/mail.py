"""The page of the mail catcher: the letters listed, opened and read, their attachments downloaded.

What a mail holds is not trusted. Its HTML is shown in a frame without scripts, forms or anything from elsewhere, by the
frame's sandbox and once more by a policy of its own; an attachment is only ever downloaded, never shown.
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

from sia.pages.responses import ALWAYS
from sia.pages.responses import html as page

LOCAL_NAMES = ["127.0.0.1", "localhost"]
# Styles inside a letter and pictures that it brings with it: enough to look as it will, and nothing to act with.
_OF_A_LETTER = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def create(caught: Callable[[], Sequence[EmailMessage]], user: str, password: str) -> FastAPI:
    """The page as an application, for one log-in.

    Args:
        caught: gives the mails, oldest first; the first is number 1.
        user: who may read them.
        password: that user's.
    """

    def signed_in(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic(realm="Caught mail"))]) -> None:
        right = [
            secrets.compare_digest(said.encode(), known.encode())
            for said, known in ((given.username, user), (given.password, password))
        ]
        if not all(right):
            raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="Caught mail"'})

    def mail(number: int) -> EmailMessage:
        mails = caught()
        if not 1 <= number <= len(mails):
            raise HTTPException(404)
        return mails[number - 1]

    app = FastAPI(dependencies=[Depends(signed_in)], docs_url=None, redoc_url=None, openapi_url=None)
    # Another site's name that was made to point here would otherwise read the letters as its own pages.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES)

    @app.get("/")
    def listed() -> HTMLResponse:
        return page("caught.html.j2", mails=[(number, one) for number, one in enumerate(caught(), start=1)])

    @app.get("/{number}")
    def opened(number: int) -> HTMLResponse:
        one = mail(number)
        return page(
            "caught_letter.html.j2",
            frames="self",
            number=number,
            mail=one,
            plain=_text(one, "plain"),
            has_html=one.get_body(("html",)) is not None,
            attached=[(part.get_filename() or "without a name", _size(part)) for part in one.iter_attachments()],
        )

    @app.get("/{number}/html")
    def html(number: int) -> HTMLResponse:
        text = _text(mail(number), "html")
        if text is None:
            raise HTTPException(404)
        return HTMLResponse(text, headers={**ALWAYS, "Content-Security-Policy": _OF_A_LETTER})

    @app.get("/{number}/attachments/{place}")
    def attachment(number: int, place: int) -> Response:
        parts = list(mail(number).iter_attachments())
        if not 1 <= place <= len(parts):
            raise HTTPException(404)
        name = quote(parts[place - 1].get_filename() or "attachment", safe="")
        headers = {**ALWAYS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(_content(parts[place - 1]), media_type="application/octet-stream", headers=headers)

    return app


def _text(mail: EmailMessage, kind: str) -> str | None:
    body = mail.get_body((kind,))
    return None if body is None else str(body.get_content())


def _content(part: EmailMessage) -> bytes:
    # A part that is itself a mail, or text, has no bytes of its own.
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _size(part: EmailMessage) -> str:
    size = len(_content(part))
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"
