"""The Airflow plugin: registers our timetables, and adds two pages, *Check before you send* and *Trace a figure*."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.api_fastapi.core_api.security import get_user
from airflow.plugins_manager import AirflowPlugin

from sia.pages import check, trace
from sia_airflow.timetables import BusinessCycleTimetable, FinancialQuarterTimetable


class SaferCommunitiesPlugin(AirflowPlugin):
    """Airflow refuses a DAG whose timetable no plugin registers. The pages are for anyone who has signed in."""

    name = "safer_communities"
    timetables: ClassVar = [FinancialQuarterTimetable, BusinessCycleTimetable]
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"app": check.create(get_user), "url_prefix": "/check-a-return", "name": "Check before you send"},
        {"app": trace.create(get_user), "url_prefix": "/trace-a-figure", "name": "Trace a figure"},
    ]
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
