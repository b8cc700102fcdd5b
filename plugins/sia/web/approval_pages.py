"""The candidate that waits for approval: what differs from the last release, and every file to open."""

from __future__ import annotations

import mimetypes
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from sia.calendar import Quarter
from sia.pages.responses import ALWAYS
from sia.release.candidate import files_to_approve
from sia.release.draft_folders import candidate_folder
from sia.settings import settings
from sia.warehouse.sql_files import rows
from sia.web.rendering import page
from sia.web.visits import FOR_APPROVERS, ByUnitOrApprover, Number, RequestRefused, transaction


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/approval")
    def approval(visit: ByUnitOrApprover) -> HTMLResponse:
        candidate = _waiting()
        files = _files(candidate) if candidate else None
        text = MarkdownIt("commonmark", {"html": False}).render(candidate["difference"]) if candidate else ""
        return page(
            "approval", visit, candidate=candidate, files=files, airflow=settings().web_address,
            difference=Markup(text),  # noqa: S704 - our own Markdown, in which nothing is HTML
        )  # fmt: skip

    @router.get("/approval/{candidate_id}/{file_name}", dependencies=[FOR_APPROVERS])
    def file(candidate_id: Number, file_name: str) -> Response:
        candidate = _waiting()
        files = _files(candidate) if candidate and candidate["candidate_id"] == candidate_id else None
        if files is None or file_name not in files:
            raise RequestRefused(404, "This file is not part of the candidate that waits for approval.")
        kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        shown = "inline" if kind == "text/html" else "attachment"
        headers = {**ALWAYS, "Content-Disposition": f'{shown}; filename="{file_name}"'}
        return Response(files[file_name], media_type=kind, headers=headers)

    return router


def _waiting() -> dict[str, Any] | None:
    with transaction() as cursor:
        return next(iter(rows(cursor, "desk/candidates", {})), None)


def _files(candidate: dict[str, Any]) -> dict[str, bytes] | None:
    folder = candidate_folder(Quarter.parse(candidate["quarter_key"]))
    return files_to_approve(folder, candidate["data_hash"])
