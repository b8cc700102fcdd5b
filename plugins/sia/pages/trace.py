"""The page *Trace a figure*: the submissions, sheets, rows and rules behind a figure of the scorecard.

The register of staff gives the warehouse role of the signed-in user. The page reads with that role's rights and cannot
write, so it shows only what ``include/sql/roles`` lets the role see.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

import psycopg2
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from sia.calendar import Quarter, format_date
from sia.pages.responses import html
from sia.registers import staff
from sia.trace import figure as tracing
from sia.warehouse import database

_KEY = re.compile(r"[\w-]{1,60}")
# The page folds away more runs of rows than this.
_MAX_RUNS_SHOWN = 40


class _Refused(Exception):
    """A question that we refuse to answer, with the HTTP status and the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def create(signed_in: Callable[..., Any]) -> FastAPI:
    """The page as an application.

    Args:
        signed_in: a FastAPI dependency that returns the signed-in user, and refuses everyone else.
    """
    signed_in_user = Depends(signed_in)
    app = FastAPI(dependencies=[signed_in_user], docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def page(
        measure: str = "", area: str = "", quarter: str = "", known: str = "", user: Any = signed_in_user
    ) -> HTMLResponse:
        asked = {"measure": measure, "area": area, "quarter": quarter, "known": known}
        try:
            return _answer(asked, user.get_name())
        except _Refused as refused:
            return _page(refused.status, message=refused.message)
        except psycopg2.OperationalError:
            return _page(
                503,
                message="The warehouse is not available. Try again in a moment. If that does not help, tell the unit.",
            )

    # Readers often follow a link in a draft before they have signed in.
    @app.exception_handler(401)
    def sign_in(request: Request, _: Exception) -> RedirectResponse:
        airflow = request.scope.get("root_path", "").rpartition("/")[0]
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{airflow}/api/v2/auth/login?next={quote(here, safe='')}", status_code=303)

    return app


def _answer(asked: dict[str, str], login: str) -> HTMLResponse:
    role = staff.role_of(login)
    if role is None:
        raise _Refused(403, f"You have signed in as {login}, which has no role in the warehouse. Ask the unit for one.")
    with database.connection(role) as connection:
        if not tracing.may_trace(connection):
            raise _Refused(
                403, f"Your role in the warehouse ({role}) may not trace figures. Ask a steward to trace it for you."
            )
        options = tracing.options(connection)
        if not any(asked.values()):
            return _page(options=options, asked=asked)
        try:
            quarter, known = _when(asked)
            measure, area = asked["measure"], asked["area"]
            if not (_KEY.fullmatch(measure) and _KEY.fullmatch(area)):
                raise _Refused(422, "Choose a measure, an area and a quarter.")
            traced = tracing.trace(connection, measure, area, quarter, known)
            if traced is None:
                raise _Refused(404, "There is no such measure or area. Choose from the lists.")
        except _Refused as refused:
            return _page(refused.status, message=refused.message, options=options, asked=asked)
    return _page(options=options, asked=asked, traced=traced)


def _when(asked: dict[str, str]) -> tuple[Quarter, date | None]:
    try:
        return Quarter.parse(asked["quarter"]), date.fromisoformat(asked["known"]) if asked["known"] else None
    except ValueError:
        raise _Refused(422, "Choose a quarter from the list. Enter a date as 2021-06-30, or leave it blank.") from None


def _page(
    status: int = 200,
    *,
    message: str = "",
    options: tracing.Options | None = None,
    asked: dict[str, str] | None = None,
    traced: tracing.Traced | None = None,
) -> HTMLResponse:
    return html(
        "trace.html.j2", status, message=message, options=options, asked=asked, traced=traced, runs=tracing.runs,
        written=format_date, max_runs_shown=_MAX_RUNS_SHOWN,
    )  # fmt: skip
