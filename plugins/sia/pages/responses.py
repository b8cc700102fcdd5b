"""Responses of our pages: HTML that runs no scripts, is not cached, and that other sites cannot put in a frame."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from fastapi.responses import HTMLResponse

from sia.presentation.templates import environment

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def html(template: str, status: int = 200, *, frames: Literal["none", "self"] = "none", **values: Any) -> HTMLResponse:
    """A page rendered from a template. The template also gets the ``nonce`` that its style sheet must carry.

    Args:
        template: the template's name.
        status: the HTTP status.
        frames: whether the page shows another page of this site in a frame.
        values: the template's values.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; frame-src '{frames}'; form-action 'self'; "
        "frame-ancestors 'self'; base-uri 'none'"
    )
    content = environment().get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(content, status_code=status, headers={**ALWAYS, "Content-Security-Policy": policy})
