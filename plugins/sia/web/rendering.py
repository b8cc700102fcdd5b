"""Renders the desk's pages: each has a bar with the person's own pages, and says times as people say them."""

from __future__ import annotations

import mimetypes
from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sia.calendar import LONDON, format_date
from sia.feedback.wording import number_of
from sia.pages.responses import ALWAYS, html
from sia.web.people import Role
from sia.web.visits import Visit

_PAGES = (
    ("/returns", "Returns", {Role.UNIT, Role.ANALYST}),
    ("/my-returns", "Your returns", {Role.PARTNER}),
    ("/send", "Check and send", {Role.UNIT, Role.PARTNER}),
    ("/commentary", "Commentary", {Role.UNIT, Role.LEAD}),
    ("/scorecard", "Scorecard", {Role.UNIT}),
    ("/approval", "Approval", {Role.UNIT, Role.APPROVER}),
    ("/decisions", "Decisions", {Role.UNIT, Role.APPROVER}),
    ("/released", "Released", set(Role)),
    ("/actions", "Record", {Role.UNIT}),
)
"""The pages in the bar at the top: address, name, and the roles that see it."""


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(template: str, visit: Visit | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the desk.

    Args:
        template: the template's name in the folder ``desk``.
        visit: of the person who opens it; None if nobody has signed in.
        status: the HTTP status.
        values: the template's values.
    """
    shown = [] if visit is None else [(path, name) for path, name, roles in _PAGES if visit.person.has(*roles)]
    return html(
        f"desk/{template}.html.j2", status, visit=visit, shown=shown, Role=Role, day=format_date, moment=moment,
        number_of=number_of, **values,
    )  # fmt: skip


def moment(time: datetime) -> str:
    """A moment for people: ``4 May 2022 at 09:30``."""
    local = time.astimezone(LONDON)
    return f"{format_date(local.date())} at {local:%H:%M}"


def go_to(path: str) -> RedirectResponse:
    """Send the browser to one of our pages, after a form."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def download(content: bytes, name: str, media_type: str = "application/octet-stream") -> Response:
    """A file to save, under our name for it."""
    headers = {**ALWAYS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def opened(content: bytes, name: str) -> Response:
    """A file under its own name: a page opens in the browser, any other file is saved.

    A script of the page, for example its search, cannot act for the person who signed in.
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    shown = "inline" if kind in ("text/html", "application/pdf", "image/png") else "attachment"
    headers = {**ALWAYS, "Content-Disposition": f'{shown}; filename="{name}"'}
    if kind == "text/html":
        headers["Content-Security-Policy"] = "sandbox allow-scripts; frame-ancestors 'none'"
    return Response(content, media_type=kind, headers=headers)
