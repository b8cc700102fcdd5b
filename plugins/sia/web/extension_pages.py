"""The page on which the unit changes a due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from psycopg2.errors import SerializationFailure
from pydantic import ValidationError

from sia.calendar import Quarter
from sia.registers.extensions import Extension
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.queries import owed_return
from sia.web.rendering import go_to, page
from sia.web.texts import checked_text
from sia.web.visits import SOMEBODY_ELSE, ByUnit, Posted, RequestRefused, Visit, refuse_old_pages, transaction


def routes() -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/extensions/{return_name}/{source}/{quarter_key}")
    def extension_form(visit: ByUnit, return_name: str, source: str, quarter_key: str) -> HTMLResponse:
        return _extension_page(visit, return_name, source, quarter_key, {}, "")

    @router.post("/extensions/{return_name}/{source}/{quarter_key}")
    def extend(visit: ByUnit, return_name: str, source: str, quarter_key: str, form: Posted) -> Response:
        try:
            return _extend(visit, return_name, source, quarter_key, form)
        except SerializationFailure:
            raise RequestRefused(409, SOMEBODY_ELSE) from None

    return router


def _extend(visit: Visit, return_name: str, source: str, quarter_key: str, form: Mapping[str, str]) -> Response:
    """Record a decision about a due date.

    Raises:
        RequestRefused: nothing is owed, or somebody else has decided meanwhile.
        SerializationFailure: somebody else decided at the same moment.
    """
    withdraws = form.get("decision") == "withdraw"
    about = {"return_name": return_name, "source": source, "quarter_key": quarter_key}
    with transaction() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        before = owed_return(cursor, return_name, source, quarter_key)
        refuse_old_pages(form, rows(cursor, "desk/extensions", about))
        try:
            until = None if withdraws else date.fromisoformat(form.get("until", ""))
            allowed_by = checked_text(form.get("allowed_by", ""), "who allowed it")
            why = checked_text(form.get("why", ""), "the reason")
            if until is not None:
                Extension.model_validate(
                    {"return": return_name, "source": source, "quarter": quarter_key, "until": until,
                     "allowed_by": allowed_by, "why": why}
                )  # fmt: skip
        except RequestRefused as refused:
            return _extension_page(visit, return_name, source, quarter_key, form, refused.message)
        except ValidationError:
            problem = "Enter a day that is later than the usual due date."
            return _extension_page(visit, return_name, source, quarter_key, form, problem)
        except ValueError:
            return _extension_page(visit, return_name, source, quarter_key, form, "Enter a date.")
        cursor.execute(
            "INSERT INTO feedback.extension (return_name, source, quarter_key, until, allowed_by, why, decided_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (return_name, source, quarter_key, until, allowed_by, why, visit.person.mailbox),
        )
        actions.record(
            cursor, visit.person.mailbox, "changed a due date", f"{return_name} {source} {quarter_key}",
            before={"deadline": before["deadline"]}, after={"until": until, "allowed_by": allowed_by},
        )  # fmt: skip
    return go_to(f"/senders/{source}?done=extension&until={quarter_key}")


def _extension_page(
    visit: Visit, return_name: str, source: str, quarter_key: str, given: Mapping[str, str], problem: str
) -> HTMLResponse:
    about = {"return_name": return_name, "source": source, "quarter_key": quarter_key}
    with transaction() as cursor:
        row = owed_return(cursor, return_name, source, quarter_key)
        history = rows(cursor, "desk/extensions", about)
    values = {"row": row, "quarter": Quarter.parse(quarter_key), "history": history, "given": given, "problem": problem}
    return page("extension", visit, 422 if problem else 200, **values)
