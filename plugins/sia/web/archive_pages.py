"""The page on which the unit loads an archive of monthly police files, as it was published."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import HTMLResponse, Response

from sia.contract.model import contracts
from sia.intake.identify import IdentifiedFile
from sia.pages.check_worker import CheckFailure, CheckWorkers
from sia.settings import settings
from sia.storage.folders import inbox_folder
from sia.web import actions, streamed_file
from sia.web.rendering import go_to, page
from sia.web.uploads import Upload, Uploads
from sia.web.visits import ByUnit, RequestRefused, Visit, refuse_large_forms, refuse_other_sites, transaction

_FORM_BYTES = 64_000
_SECONDS = 3600
# The archive, and a copy in the inbox for each return that it brings.
_COPIES = 3
_NO_ARCHIVE = "This is not an archive of monthly police files. Choose the zip file as you downloaded it."


def max_bytes() -> int:
    """The largest size of an archive."""
    return max((contract.max_bytes for contract in contracts().values() if contract.archive), default=0)


def routes(uploads: Uploads, workers: CheckWorkers) -> APIRouter:
    """The pages.

    Args:
        uploads: of this process. An archive's page is that of an upload.
        workers: processes that open what people send.
    """
    router = APIRouter()
    one_at_a_time = asyncio.Lock()
    # What an earlier process left was not received whole.
    shutil.rmtree(_folder(), ignore_errors=True)

    @router.get("/archives")
    def form(visit: ByUnit) -> HTMLResponse:
        return _form(visit)

    @router.post("/archives")
    async def receive(request: Request, visit: ByUnit, later: BackgroundTasks) -> Response:
        refuse_other_sites(request)
        refuse_large_forms(request, max_bytes() + _FORM_BYTES)
        if one_at_a_time.locked():
            return _form(visit, "We are receiving another archive. Try again in a few minutes.", 429)
        async with one_at_a_time:
            path = _free_path(int(request.headers["content-length"]))
            try:
                archived = await _receive(request, visit, path, workers)
            except RequestRefused as refused:
                path.unlink(missing_ok=True)
                return _form(visit, refused.message, refused.status)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        pending = [(uploads.begin(visit.person.mailbox, _title(archive)), archive) for archive in archived]
        _record(visit, archived)
        later.add_task(_deliver, uploads, pending, path)
        return go_to(f"/uploads/{pending[0][0].number}" if len(pending) == 1 else "/uploads")

    return router


async def _receive(request: Request, visit: Visit, path: Path, workers: CheckWorkers) -> Sequence[IdentifiedFile]:
    """Write the archive of a form to the disk; what it brings.

    Raises:
        RequestRefused: there is none, or it takes too long.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            with path.open("xb") as file:
                size = await streamed_file.receive(request, visit, file)
    except TimeoutError:
        raise RequestRefused(408, "The archive took longer than an hour. Try again on a faster connection.") from None
    if not size:
        raise RequestRefused(422, "Choose a file first.")
    archived = await workers.archived_returns(path)
    if isinstance(archived, CheckFailure):
        raise RequestRefused(422, _NO_ARCHIVE)
    return archived


def _deliver(uploads: Uploads, pending: Sequence[tuple[Upload, IdentifiedFile]], path: Path) -> None:
    """Put an archive into the inbox, once for each return that it brings."""
    try:
        for upload, archive in pending:
            uploads.deliver(upload, archive, inbox_folder())
    finally:
        path.unlink()


def _record(visit: Visit, archived: Sequence[IdentifiedFile]) -> None:
    with transaction() as cursor:
        for archive in archived:
            actions.record(
                cursor, visit.person.mailbox, "sent an archive", f"{archive.contract.name} {archive.quarter.key}"
            )


def _title(archive: IdentifiedFile) -> str:
    return f"{archive.contract.title}, to {archive.quarter.label}"


def _free_path(length: int) -> Path:
    """Where an archive goes.

    Raises:
        RequestRefused: the disk has too little room for it.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < _COPIES * length:
        raise RequestRefused(507, "The server's disk has too little room for this archive. Tell its engineers.")
    # Under a new name: an archive that is sent again is a new delivery.
    return folder / f"archive-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.zip"


def _folder() -> Path:
    return settings().state / "desk" / "archives"


def _form(visit: Visit, problem: str = "", status: int = 200) -> HTMLResponse:
    archived = [contract for contract in contracts().values() if contract.archive]
    return page(
        "archives", visit, status, problem=problem, returns=archived, max_gigabytes=max_bytes() // 1_000_000_000
    )
