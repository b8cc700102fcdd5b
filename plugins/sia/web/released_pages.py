"""The page of what was released: every release, with its files to open."""

from __future__ import annotations

import mimetypes
from itertools import groupby
from operator import itemgetter

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from sia.calendar import Quarter
from sia.pages.responses import ALWAYS
from sia.release.manifest import folder_of
from sia.settings import settings
from sia.warehouse.sql_files import rows
from sia.web.rendering import page
from sia.web.visits import SIGNED_IN, Number, RequestRefused, SignedIn, transaction


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/released")
    def released(visit: SignedIn) -> HTMLResponse:
        with transaction() as cursor:
            files = rows(cursor, "desk/releases", {})
        by_release = [
            (label, number, list(members))
            for (label, number), members in groupby(files, key=itemgetter("quarter_label", "number"))
        ]
        return page("released", visit, releases=by_release)

    @router.get("/released/{quarter_key}/{number}/{file_name}", dependencies=[SIGNED_IN])
    def file(quarter_key: str, number: Number, file_name: str) -> FileResponse:
        with transaction() as cursor:
            known = {(row["quarter_key"], row["number"], row["file_name"]) for row in rows(cursor, "desk/releases", {})}
        # Only what the ledger names is opened, so that no address leads to any other file.
        if (quarter_key, number, file_name) not in known:
            raise RequestRefused(404, "There is no such file.")
        path = folder_of(settings().state / "releases", Quarter.parse(quarter_key), number) / file_name
        if not path.is_file():
            raise RequestRefused(410, "This file is no longer here. Ask the unit for it.")
        kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        shown = "inline" if kind in ("text/html", "application/pdf", "image/png") else "attachment"
        return FileResponse(path, media_type=kind, headers=ALWAYS, filename=file_name, content_disposition_type=shown)

    return router
