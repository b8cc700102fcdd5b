"""The page *Check a return*: a signed-in member of staff chooses a file and gets the marked workbook back.

During the check the file is only in a temporary folder. We keep, log and send nothing of it.
"""

from __future__ import annotations

import base64
import logging
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from sia.contract.model import contracts
from sia.intake.identify import Details
from sia.pages.check_worker import CheckFailure, CheckWorkers
from sia.pages.responses import html

if TYPE_CHECKING:
    from sia.feedback.dry_run import CheckResult

EXTENSIONS = (".xlsx", ".ods", ".csv")
_MAX_FORM_BYTES = 64_000
_UNIDENTIFIED = (
    "We could not tell which return this is. Use our blank workbook, or choose the return, the sender and the quarter "
    "below."
)
_log = logging.getLogger(__name__)


class _CheckRefused(Exception):
    """A request that we refuse to check, with the HTTP status and the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def max_megabytes() -> int:
    """The largest size of a return that partners fill in. This page does not check archives."""
    return max(contract.max_megabytes for contract in contracts().values() if contract.is_template_return)


def create(signed_in: Callable[..., Any]) -> FastAPI:
    """The page as an application.

    Args:
        signed_in: a FastAPI dependency that refuses everybody who has not signed in.
    """
    app = FastAPI(dependencies=[Depends(signed_in)], docs_url=None, redoc_url=None, openapi_url=None)
    workers = CheckWorkers()

    @app.get("/")
    def form() -> HTMLResponse:
        return _page()

    @app.post("/")
    async def check(request: Request) -> HTMLResponse:
        try:
            _refuse_other_sites(request)
            _refuse_large_files(request)
            async with request.form(max_files=1, max_fields=3, max_part_size=1000) as sent:
                return _page(result=await _check(sent, workers))
        except _CheckRefused as refused:
            return _page(refused.status, message=refused.message)

    return app


def _refuse_other_sites(request: Request) -> None:
    """Another site must not make a browser send a file in its user's name."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site != "same-origin" if site else origin is not None and origin.partition("://")[2] != request.url.netloc
    if foreign:
        raise _CheckRefused(403, "This file was not sent from this page. Open the page and send the file from there.")


def _refuse_large_files(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise _CheckRefused(411, "The size of the file is missing. Send the file from this page.")
    if int(length) > max_megabytes() * 1_000_000 + _MAX_FORM_BYTES:
        raise _CheckRefused(413, f"The file is too large. A return may have up to {max_megabytes()} MB.")


async def _check(sent: FormData, workers: CheckWorkers) -> CheckResult:
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise _CheckRefused(400, "Choose a file first.")
    extension = Path(file.filename).suffix.lower()
    if extension not in EXTENSIONS:
        raise _CheckRefused(415, f"Choose a file of one of these types: {', '.join(EXTENSIONS)}.")
    details = Details(*(_chosen(sent, field) for field in ("return", "quarter", "source")))
    with tempfile.TemporaryDirectory(prefix="sia-page-") as folder:
        # Not under the sender's file name, which may name a person.
        path = Path(folder) / f"return{extension}"
        path.write_bytes(await file.read())
        result = await workers.check(path, details, Path(folder) / "check")
    if not isinstance(result, CheckFailure):
        return result
    if result.is_unidentified:
        raise _CheckRefused(422, _UNIDENTIFIED)
    if result.timed_out:
        raise _CheckRefused(504, "The check took too long. Try again, or send the return: we check it when it arrives.")
    _log.error("A check failed: %s", result.error)
    raise _CheckRefused(500, "The check did not work. This may not be a problem with your file: please tell the unit.")


def _chosen(sent: FormData, field: str) -> str:
    value = sent.get(field)
    return value if isinstance(value, str) and re.fullmatch(r"[\w/ -]{1,40}", value) else ""


def _page(status: int = 200, *, message: str = "", result: CheckResult | None = None) -> HTMLResponse:
    returns = [contract for contract in contracts().values() if contract.is_template_return]
    return html(
        "check.html.j2",
        status,
        message=message,
        result=result,
        workbook=base64.b64encode(result.workbook).decode() if result and result.workbook else "",
        returns=returns,
        senders={key: name for contract in returns for key, name in contract.senders.items()},
        max_megabytes=max_megabytes(),
        extensions=",".join(EXTENSIONS),
    )
