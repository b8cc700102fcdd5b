"""The page of what was released: every release, and the newest edition of every paper, with their files to open."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.papers.editions import newest_editions
from sia.release.manifest import folder_of, published_file
from sia.settings import settings
from sia.warehouse.sql_files import rows
from sia.web.rendering import opened, page
from sia.web.visits import SIGNED_IN, Number, RequestRefused, SignedIn, transaction

_PAPERS = {"board": "Board’s papers", "csp-reports": "Partnerships’ reports", "assessment": "Annual assessment"}
"""The kinds of papers by their folder, and the words for them."""


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
        papers = newest_editions(settings().state / "papers")
        shelves = {words: [paper for paper in papers if paper.kind == kind] for kind, words in _PAPERS.items()}
        return page("released", visit, releases=by_release, shelves=shelves)

    @router.get("/papers/{kind}/{period}/{number}/{file_name}", dependencies=[SIGNED_IN])
    def paper_file(kind: str, period: str, number: Number, file_name: str) -> Response:
        for paper in newest_editions(settings().state / "papers"):
            # Only what a manifest names is opened, as with releases.
            if (paper.kind, paper.period, paper.number) == (kind, period, number) and file_name in paper.sizes:
                try:
                    content = published_file(paper.folder, file_name)
                except PermanentError:
                    raise RequestRefused(410, "This file was changed or is missing. Ask the unit for it.") from None
                return opened(content, file_name)
        raise RequestRefused(404, "There is no such file, or a newer edition has taken its place.")

    @router.get("/released/{quarter_key}/{number}/{file_name}", dependencies=[SIGNED_IN])
    def file(quarter_key: str, number: Number, file_name: str) -> Response:
        with transaction() as cursor:
            known = {(row["quarter_key"], row["number"], row["file_name"]) for row in rows(cursor, "desk/releases", {})}
        # Only what the ledger names is opened, so that no address leads to any other file.
        if (quarter_key, number, file_name) not in known:
            raise RequestRefused(404, "There is no such file.")
        path = folder_of(settings().state / "releases", Quarter.parse(quarter_key), number) / file_name
        if not path.is_file():
            raise RequestRefused(410, "This file is no longer here. Ask the unit for it.")
        return opened(path.read_bytes(), file_name)

    return router
