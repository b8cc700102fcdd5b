"""The desk and the door as one web application."""

from __future__ import annotations

import logging
from urllib.parse import quote, urlsplit

import psycopg2
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from sia.feedback import outbox
from sia.feedback.smtp import MailServer
from sia.pages.check_worker import CheckWorkers
from sia.pages.mail import LOCAL_NAMES
from sia.warehouse import database
from sia.web import (
    actions,
    approval_pages,
    archive_pages,
    board_pages,
    commentary_pages,
    council_sign_on,
    decision_pages,
    extension_pages,
    message_pages,
    partner_pages,
    receipt_pages,
    record_page,
    released_pages,
    reminder_pages,
    scorecard_pages,
    send_pages,
    sender_pages,
    sign_in,
)
from sia.web.identity_provider import IdentityProvider
from sia.web.rendering import page
from sia.web.uploads import Uploads
from sia.web.visits import RequestRefused, SignInNeeded, transaction

_log = logging.getLogger(__name__)
_WORDS = {
    404: "There is no such page.",
    405: "This page cannot be used in this way.",
}
_NO_WAREHOUSE = "The service is not available. Try again in a moment. If that does not help, tell the unit."
_BROKEN = "Something went wrong. We have noted it. Try again, or tell the unit."


def create(
    mail_server: MailServer,
    address: str,
    decide: approval_pages.Decide | None = None,
    start: scorecard_pages.Start | None = None,
    provider: IdentityProvider | None = None,
) -> FastAPI:
    """The application.

    Args:
        mail_server: opens a connection to the mail server.
        address: under which people open it, for example ``https://returns.example.org``.
        decide: passes on a decision about a release to Airflow; None if approvers decide there.
        start: starts a run in Airflow; None if the unit starts runs there.
        provider: the council's identity provider; None if staff have no council accounts.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # Against DNS rebinding: another site could point its name at this address.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_NAMES, urlsplit(address).hostname or ""])

    workers = CheckWorkers()
    uploads = Uploads(workers)

    def send_letters() -> None:
        with database.connection("desk", writes=True) as connection:
            outbox.send_due(connection, mail_server)

    for router in (
        sign_in.routes(mail_server, address, council_accounts=provider is not None),
        *([council_sign_on.routes(provider, address)] if provider else []),
        board_pages.routes(),
        sender_pages.routes(send_letters),
        extension_pages.routes(),
        reminder_pages.routes(send_letters),
        decision_pages.routes(mail_server),
        message_pages.routes(send_letters),
        partner_pages.routes(),
        receipt_pages.routes(),
        send_pages.routes(uploads),
        archive_pages.routes(uploads, workers),
        commentary_pages.routes(),
        approval_pages.routes(decide),
        scorecard_pages.routes(start),
        released_pages.routes(),
        record_page.routes(),
    ):
        app.include_router(router)

    @app.exception_handler(SignInNeeded)
    def sign_in_first(request: Request, _: SignInNeeded) -> RedirectResponse:
        here = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?after={quote(here, safe='')}", 303, headers={"Cache-Control": "no-store"})

    @app.exception_handler(RequestRefused)
    def refuse(request: Request, refused: RequestRefused) -> HTMLResponse:
        _record_refusal(request, refused.status)
        return page("problem", None, refused.status, message=refused.message)

    @app.exception_handler(HTTPException)
    def refuse_unknown(_: Request, error: HTTPException) -> Response:
        return page("problem", None, error.status_code, message=_WORDS.get(error.status_code, _BROKEN))

    @app.exception_handler(RequestValidationError)
    def refuse_unreadable(_: Request, __: RequestValidationError) -> HTMLResponse:
        return page("problem", None, 404, message=_WORDS[404])

    @app.exception_handler(psycopg2.OperationalError)
    def no_warehouse(_: Request, __: psycopg2.OperationalError) -> HTMLResponse:
        return page("problem", None, 503, message=_NO_WAREHOUSE)

    @app.exception_handler(Exception)
    def break_down(_: Request, error: Exception) -> HTMLResponse:
        # Only the type: the text of an error could show a value.
        _log.error("a page failed: %s", type(error).__name__)
        return page("problem", None, 500, message=_BROKEN)

    return app


def _record_refusal(request: Request, status: int) -> None:
    """Record what was refused: by whom, and the kind of page, without what the address or the form said."""
    route = request.scope.get("route")
    with transaction() as cursor:
        actions.record(
            cursor, getattr(request.state, "mailbox", None), actions.REFUSED,
            f"{request.method} {getattr(route, 'path', 'an unknown page')}", after={"status": status},
        )  # fmt: skip
