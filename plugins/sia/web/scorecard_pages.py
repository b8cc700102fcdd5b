"""The page of a quarter's scorecard: how far it has come, and a button for each step that the unit starts."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.papers.editions import newest_editions
from sia.settings import settings
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.queries import last_quarter, today
from sia.web.rendering import go_to, page
from sia.web.visits import FORM, ByUnit, RequestRefused, Visit, transaction

Start = Callable[[str, str], bool]
"""Starts a run of a DAG for a quarter, by their keys. False if one runs already."""

_STEPS = {
    "commentary": "asked for commentary",
    "release": "had a release prepared",
    "board_paper": "had the Board’s paper made",
    "csp_reports": "had the partnerships’ reports made",
}
"""The DAGs that the unit starts, and the words for that in the record."""

_NO_SCORECARD = "There is no scorecard of this quarter."


def routes(start: Start | None) -> APIRouter:
    """The pages.

    Args:
        start: starts a run in Airflow; None if the unit starts runs there.
    """
    router = APIRouter()

    @router.get("/scorecard")
    def newest(_: ByUnit) -> RedirectResponse:
        with transaction() as cursor:
            waiting = rows(cursor, "desk/waiting", {"day": today()})[0]
        newest = last_quarter("", waiting["newest_quarter"])
        return go_to(f"/scorecard/{min(newest, Quarter.containing(today()).plus(-1)).key}")

    @router.get("/scorecard/{quarter_key}")
    def scorecard(visit: ByUnit, quarter_key: str) -> HTMLResponse:
        return _page(visit, _quarter(quarter_key))

    @router.post("/scorecard/{quarter_key}/{step}", dependencies=[FORM])
    def start_step(visit: ByUnit, quarter_key: str, step: str) -> Response:
        quarter = _quarter(quarter_key)
        if step not in _STEPS or start is None:
            raise RequestRefused(404, "There is no such step.")
        try:
            started = start(step, quarter.key)
        except (httpx.HTTPError, PermanentError):
            return _page(visit, quarter, "Airflow does not answer. Nothing was started. Try again in a moment.")
        if not started:
            return _page(visit, quarter, "This runs already. Wait until it has ended.")
        with transaction() as cursor:
            actions.record(cursor, visit.person.mailbox, _STEPS[step], quarter.key)
        return go_to(f"/scorecard/{quarter.key}")

    def _page(visit: Visit, quarter: Quarter, problem: str = "") -> HTMLResponse:
        with transaction() as cursor:
            row = next(iter(rows(cursor, "desk/scorecard", {"day": today(), "quarter_key": quarter.key})), None)
            if row is None:
                raise RequestRefused(404, _NO_SCORECARD)
            candidate = next(iter(rows(cursor, "desk/candidates", {})), None)
            started = _started(cursor, quarter)
        papers = {
            paper.kind: paper for paper in newest_editions(settings().state / "papers") if paper.period == quarter.key
        }
        return page(
            "scorecard", visit, 422 if problem else 200, quarter=quarter, row=row, candidate=candidate, started=started,
            papers=papers, problem=problem, starts_here=start is not None,
            is_newest=quarter.next().end >= today(), airflow=settings().web_address,
        )  # fmt: skip

    return router


def _quarter(key: str) -> Quarter:
    """The quarter with a key, if it is over.

    Raises:
        RequestRefused: there is none.
    """
    try:
        quarter = Quarter.parse(key)
    except ValueError:
        quarter = None
    if quarter is None or quarter.key != key or quarter.end >= today():
        raise RequestRefused(404, _NO_SCORECARD)
    return quarter


def _started(cursor: Cursor, quarter: Quarter) -> dict[str, object]:
    """When each step was started last, by its DAG."""
    of_action = {action: step for step, action in _STEPS.items()}
    listed = rows(cursor, "desk/started", {"actions": list(of_action), "quarter_key": quarter.key})
    return {of_action[row["action"]]: row["started_at"] for row in listed}
