"""The record of what people did on the pages, for the unit."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from sia.warehouse.sql_files import rows
from sia.web.rendering import page
from sia.web.visits import ByUnit, transaction


def routes() -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get("/actions")
    def record(visit: ByUnit) -> HTMLResponse:
        with transaction() as cursor:
            return page("actions", visit, actions=rows(cursor, "desk/actions", {}))

    return router
