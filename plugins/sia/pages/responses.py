"""What every page of ours answers: HTML that runs no script, is kept by nobody, and is framed by its own site alone."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from fastapi.responses import HTMLResponse

from sia.presentation.templates import environment

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def html(template: str, status: int = 200, *, frames: Literal["none", "self"] = "none", **values: Any) -> HTMLResponse:
    """A page made from a template, which is also given the ``nonce`` that its style sheet must carry.

    Args:
        template: its name.
        status: the answer's.
        frames: whether the page shows another of ours inside itself.
        values: what the template is given.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; frame-src '{frames}'; form-action 'self'; "
        "frame-ancestors 'self'; base-uri 'none'"
    )
    made = environment().get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(made, status_code=status, headers={**ALWAYS, "Content-Security-Policy": policy})
