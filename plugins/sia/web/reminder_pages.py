"""The page on which the unit writes to a partner about one return."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg2.extensions import cursor as Cursor

from sia.feedback.due_stages import OutstandingReturn, outstanding_returns
from sia.feedback.return_reminder import queue_return_reminder, return_reminder
from sia.registers.partners import partners
from sia.web import actions
from sia.web.queries import owed_return, today
from sia.web.rendering import go_to, page
from sia.web.visits import FORM, ByUnit, RequestRefused, transaction


def routes(send_letters: Callable[[], object]) -> APIRouter:
    """The page.

    Args:
        send_letters: sends the letters in the outbox.
    """
    router = APIRouter()
    path = "/reminders/{return_name}/{source}/{quarter_key}"

    @router.get(path)
    def reminder_form(visit: ByUnit, return_name: str, source: str, quarter_key: str) -> HTMLResponse:
        register = partners()
        with transaction() as cursor:
            due = _outstanding(cursor, return_name, source, quarter_key)
        letter, recipient = return_reminder(register, due), register.partners[source]
        return page("reminder", visit, due=due, letter=letter, recipient=recipient)

    @router.post(path, dependencies=[FORM])
    def remind(
        visit: ByUnit, return_name: str, source: str, quarter_key: str, later: BackgroundTasks
    ) -> RedirectResponse:
        with transaction() as cursor:
            due = _outstanding(cursor, return_name, source, quarter_key)
            if not queue_return_reminder(cursor, partners(), due, today()):
                raise RequestRefused(409, "We wrote to them about this return today.")
            about = f"{return_name} {source} {quarter_key}"
            actions.record(cursor, visit.person.mailbox, "wrote about a return", about, after={"state": due.state})
        later.add_task(send_letters)
        return go_to(f"/senders/{source}?done=reminder&until={quarter_key}")

    return router


def _outstanding(cursor: Cursor, return_name: str, source: str, quarter_key: str) -> OutstandingReturn:
    """The return, if it still needs something.

    Raises:
        RequestRefused: nobody owes it, or it needs nothing.
    """
    owed_return(cursor, return_name, source, quarter_key)
    for due in outstanding_returns(cursor, today()):
        if (due.contract.name, due.source, due.quarter.key) == (return_name, source, quarter_key):
            return due
    raise RequestRefused(409, "This return needs nothing from the sender now.")
