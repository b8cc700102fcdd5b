"""The page on which leads write commentary on exceptions: with drafts, and some exceptions today and others later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, Quarter
from sia.release import commentary
from sia.warehouse import database
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.people import Role
from sia.web.queries import today
from sia.web.rendering import page
from sia.web.visits import ByUnitOrLead, Posted, RequestRefused, Visit, transaction

_FIELD = "commentary_"


def routes() -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/commentary")
    def form(visit: ByUnitOrLead) -> HTMLResponse:
        with transaction() as cursor:
            return _page(visit, _requests(cursor, visit))

    @router.post("/commentary")
    def save(visit: ByUnitOrLead, posted: Posted) -> HTMLResponse:
        with transaction() as cursor:
            asked = {request["request_id"]: request for request in _requests(cursor, visit)}
        written = {number: posted[f"{_FIELD}{number}"] for number in asked if posted.get(f"{_FIELD}{number}")}
        if posted.get("action") == "draft":
            problems, done = _save_drafts(visit, written, set(asked)), "Your draft is saved. Nobody else sees it yet."
        else:
            problems, done = _send(visit, written), "Thank you. We have what you wrote."
        with transaction() as cursor:
            now = _requests(cursor, visit)
        if not written:
            raise RequestRefused(422, "Write something about at least one exception.")
        return _page(visit, now, problems=problems, given=written, done="" if problems else done)

    return router


def _requests(cursor: Cursor, visit: Visit) -> list[dict[str, Any]]:
    """The exceptions on which a person may comment, each with its title, its chart and what was written."""
    parameters = {"day": today(), "leads": list(visit.person.leads), "every_lead": visit.person.has(Role.UNIT)}
    listed = rows(cursor, "desk/commentary", parameters)
    if not listed:
        return []
    asked = {request.number: request for request in commentary.requests(cursor, [row["request_id"] for row in listed])}
    return [
        {
            **row,
            "about": asked[row["request_id"]],
            "earlier_quarter": row["earlier_quarter_key"] and Quarter.parse(row["earlier_quarter_key"]),
        }
        for row in listed
    ]


def _send(visit: Visit, written: Mapping[int, str]) -> dict[int, str]:
    """Store what can be stored; what is wrong with the rest, by request."""
    problems = {
        number: f"It {why}."
        for number, text in written.items()
        if (why := commentary.objection(" ".join(text.split())))
    }
    good = {number: text for number, text in written.items() if number not in problems}
    if good:
        with database.kept_connection("desk") as connection:
            commentary.take(connection, good, visit.person.mailbox, datetime.now(LONDON))
        with transaction() as cursor:
            cursor.execute("DELETE FROM desk.commentary_draft WHERE request_id = ANY(%s)", (list(good),))
            about = ", ".join(map(str, sorted(good)))
            actions.record(cursor, visit.person.mailbox, "sent commentary", f"requests {about}")
    return problems


def _save_drafts(visit: Visit, written: Mapping[int, str], asked: set[int]) -> dict[int, str]:
    too_long = {number: "It is too long to save." for number, text in written.items() if len(text) > 4000}
    with transaction() as cursor:
        for number in asked - too_long.keys():
            if number in written:
                cursor.execute(
                    "INSERT INTO desk.commentary_draft (request_id, draft_text, written_by) VALUES (%s, %s, %s)"
                    " ON CONFLICT (request_id) DO UPDATE SET draft_text = excluded.draft_text,"
                    " written_by = excluded.written_by, written_at = clock_timestamp()",
                    (number, written[number], visit.person.mailbox),
                )
            else:
                cursor.execute("DELETE FROM desk.commentary_draft WHERE request_id = %s", (number,))
    return too_long


def _page(
    visit: Visit,
    requests: list[dict[str, Any]],
    *,
    problems: Mapping[int, str] | None = None,
    given: Mapping[int, str] | None = None,
    done: str = "",
) -> HTMLResponse:
    return page(
        "commentary", visit, 422 if problems else 200, requests=requests, problems=problems or {}, given=given or {},
        done=done, max_characters=commentary.MAX_CHARACTERS, field=_FIELD,
    )  # fmt: skip
