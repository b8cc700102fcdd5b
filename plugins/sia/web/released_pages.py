"""The page of what was released: every release and the newest edition of every paper, with their files to open.

It also lists the data dictionary, blank workbooks for the unit, and extracts for staff. In extracts, small numbers are
marked and not hidden.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.pages.responses import ALWAYS
from sia.papers.editions import newest_editions
from sia.registers.partners import partners
from sia.release.manifest import folder_of, published_file
from sia.settings import settings
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.partner_pages import blanks_of
from sia.web.people import STAFF, Role
from sia.web.rendering import opened, page
from sia.web.visits import SIGNED_IN, ByStaff, Number, RequestRefused, SignedIn, transaction

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
        return page(
            "released", visit, releases=by_release, shelves=shelves,
            dictionary=_files("dictionary"),
            extracts=_files("extracts") if visit.person.has(*STAFF) else {},
            blanks=[
                (source, sender.organisation, blanks_of(source)) for source, sender in partners().partners.items()
            ] if visit.person.has(Role.UNIT) else [],
        )  # fmt: skip

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

    @router.get("/dictionary/{file_name}", dependencies=[SIGNED_IN])
    def dictionary_file(file_name: str) -> Response:
        return opened(_file("dictionary", file_name).read_bytes(), file_name)

    @router.get("/extracts/{file_name}")
    def extract_file(visit: ByStaff, file_name: str) -> Response:
        path = _file("extracts", file_name)
        with transaction() as cursor:
            actions.record(cursor, visit.person.mailbox, "saved an extract", path.name)
        return FileResponse(path, filename=path.name, headers=ALWAYS)

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


def _files(folder: str) -> dict[str, Path]:
    """The files in a folder of the state folder, by name."""
    place = settings().state / folder
    paths = sorted(place.iterdir()) if place.is_dir() else []
    return {path.name: path for path in paths if path.is_file() and not path.name.startswith(".")}


def _file(folder: str, name: str) -> Path:
    """A file that is listed, so that no address leads to any other.

    Raises:
        RequestRefused: it is not.
    """
    listed = _files(folder)
    if name not in listed:
        raise RequestRefused(404, "There is no such file.")
    return listed[name]
