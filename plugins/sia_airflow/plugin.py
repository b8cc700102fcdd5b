"""Our plugin for Airflow: timetables, the pages *Check a return* and *Trace a figure*, and a brake on passwords."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from sia_airflow.timetables import BusinessCycleTimetable, FinancialQuarterTimetable


class SaferCommunitiesPlugin(AirflowPlugin):
    """Timetables for every part of Airflow, and pages for its API server alone. Anyone who has signed in may open them.

    Airflow refuses a DAG whose timetable no plugin registers.
    """

    name = "safer_communities"
    timetables: ClassVar = [FinancialQuarterTimetable, BusinessCycleTimetable]
    external_views: ClassVar[list[dict[str, Any]]] = [
        {
            "name": "Check a return",
            "href": "/check-a-return/",
            "destination": "nav",
            "url_route": "check-a-return",
        },
        {
            "name": "Trace a figure",
            "href": "/trace-a-figure/",
            "destination": "nav",
            "url_route": "trace-a-figure",
        },
    ]

    # The API server alone asks for the pages. Workers and the scheduler load this plugin too, and need none of them.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The pages, each with the path below which it is served."""
        from airflow.api_fastapi.core_api.security import get_user

        from sia.pages import check, trace

        return [
            {"app": check.create(get_user), "url_prefix": "/check-a-return", "name": "Check a return"},
            {"app": trace.create(get_user), "url_prefix": "/trace-a-figure", "name": "Trace a figure"},
        ]

    @cached_property
    def fastapi_root_middlewares(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """What reads a request before all pages: the brake on passwords."""
        from sia.pages.password_brake import PasswordBrake

        return [{"middleware": PasswordBrake, "name": "Brake on passwords"}]
