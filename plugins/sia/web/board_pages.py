"""The returns board, as a page, a CSV file and a calendar."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from sia.calendar import Quarter
from sia.feedback import digest
from sia.registers.partners import partners
from sia.warehouse.sql_files import rows
from sia.web.queries import last_quarter, owed, today
from sia.web.rendering import download, page
from sia.web.returns_board import SHOWN, Line, State, as_calendar, as_csv, board, count, quarters_to
from sia.web.visits import FOR_STAFF, ByPartner, ByStaff, own_source, transaction


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/returns")
    def returns(visit: ByStaff, until: str = "", show: str = "") -> HTMLResponse:
        only = State(show) if show in SHOWN else None
        with transaction() as cursor:
            waiting = rows(cursor, "desk/waiting", {"day": today()})[0]
            last = last_quarter(until, waiting["newest_quarter"])
            lines = board(owed(cursor, last), quarters_to(last))
            files = [digest.describe_files(row) for row in rows(cursor, "feedback/files_misplaced", {})]
        return page(
            "returns", visit, lines=[line for line in lines if only is None or _has(line, only)], last=last,
            quarters=quarters_to(last), counts={state: count(lines, state) for state in SHOWN}, names=SHOWN,
            waiting=waiting, files=files, only=only, current=Quarter.containing(today()),
        )  # fmt: skip

    @router.get("/returns.csv", dependencies=[FOR_STAFF])
    def returns_csv(until: str = "") -> Response:
        with transaction() as cursor:
            content = as_csv(owed(cursor, last_quarter(until, None)))
        return download(content.encode("utf-8-sig"), "returns.csv", "text/csv; charset=utf-8")

    @router.get("/due-dates.ics", dependencies=[FOR_STAFF])
    def due_dates() -> Response:
        return _calendar(None)

    @router.get("/my-due-dates.ics")
    def own_due_dates(visit: ByPartner) -> Response:
        return _calendar(own_source(visit))

    return router


def _calendar(source: str | None) -> Response:
    """The due dates of the next quarters and the last, as a calendar file; of one sender or of all."""
    with transaction() as cursor:
        rows_of_board = owed(cursor, Quarter.containing(today()), source)
    domain = partners().unit.mailbox.partition("@")[2]
    content = as_calendar(rows_of_board, domain, today())
    return download(content.encode(), "due-dates.ics", "text/calendar; charset=utf-8")


def _has(line: Line, state: State) -> bool:
    return count([line], state) > 0
