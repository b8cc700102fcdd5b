"""The Board's paper for a quarter, made from the newest releases of the quarter and of the quarter before."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from sia.calendar import Quarter
from sia.settings import settings
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.pools import LARGE_MEMORY
from sia_airflow.timetables import BusinessCycleTimetable


@dag(
    dag_id="board_paper",
    dag_display_name="Papers: the Board's paper",
    description="Makes the Board's paper from the newest release: what got better and worse, and each exception.",
    doc_md=runbook("board_paper"),
    schedule=BusinessCycleTimetable("board_paper"),
    tags={"papers", "quarterly"},
    **QUARTERLY,
)
def board_paper() -> None:
    """Make the paper of the run's quarter."""

    @task(pool=LARGE_MEMORY, multiple_outputs=False)
    def make(quarter_key: str) -> dict[str, Any]:
        """Make the paper, unless this edition exists; its folder and its releases."""
        from sia.papers import make as papers

        state, quarter = settings().state, Quarter.parse(quarter_key)
        return papers.board_paper(quarter, state / "releases", state / "papers").summary()

    make(QUARTER_OF_RUN)


board_paper()
