"""The performance report of each partnership for a quarter, made from the quarter's newest release."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from sia.calendar import Quarter
from sia.settings import settings
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.pools import LARGE_MEMORY
from sia_airflow.timetables import BusinessCycleTimetable


@dag(
    dag_id="csp_reports",
    dag_display_name="Papers: partnership reports",
    description="Makes each partnership's quarterly performance report from the newest release.",
    doc_md=runbook("csp_reports"),
    schedule=BusinessCycleTimetable("csp_report"),
    tags={"papers", "quarterly"},
    **QUARTERLY,
)
def csp_reports() -> None:
    """Make the reports of the run's quarter."""

    @task(pool=LARGE_MEMORY, multiple_outputs=False)
    def make(quarter_key: str) -> dict[str, Any]:
        """Make the reports, unless this edition exists; its folder and its release."""
        from sia.papers import make as papers

        state, quarter = settings().state, Quarter.parse(quarter_key)
        return papers.csp_reports(quarter, state / "releases", state / "papers").summary()

    make(QUARTER_OF_RUN)


csp_reports()
