"""What every page of ours answers: HTML that runs no script, is kept by nobody, and is framed by Airflow alone."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from sia.paths import TEMPLATES


def html(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page made from a template, which is also given the ``nonce`` that its style sheet must carry."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    made = _templates().get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(made, status_code=status, headers=headers)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(["html.j2"], default=True),
    )
