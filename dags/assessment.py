"""The pack for the Strategic Intelligence Assessment of a financial year, made from the year's releases."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from sia.registers.business_cycle import year_ending
from sia.settings import settings
from sia_airflow.defaults import YEAR_OF_RUN, YEARLY, runbook
from sia_airflow.pools import LARGE_MEMORY
from sia_airflow.timetables import BusinessCycleTimetable


@dag(
    dag_id="assessment",
    dag_display_name="Papers: strategic assessment",
    description="Makes the pack for the annual Strategic Intelligence Assessment from the year's releases.",
    doc_md=runbook("assessment"),
    schedule=BusinessCycleTimetable("assessment"),
    tags={"papers", "annual"},
    **YEARLY,
)
def assessment() -> None:
    """Make the pack of the run's year."""

    @task(pool=LARGE_MEMORY, multiple_outputs=False)
    def make(financial_year: str) -> dict[str, Any]:
        """Make the pack, unless this edition exists; its folder and its releases."""
        from sia.papers import make as papers

        state, last_quarter = settings().state, year_ending(financial_year)
        return papers.assessment(last_quarter, state / "releases", state / "papers").summary()

    make(YEAR_OF_RUN)


assessment()
