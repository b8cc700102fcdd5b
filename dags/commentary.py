"""Asks the leads of a quarter's exceptions to explain them, by letter and in Airflow, until a given day."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from sia.calendar import Quarter
from sia.registers.leads import leads
from sia.warehouse import database
from sia_airflow import airflow_compat
from sia_airflow.assets import OUTBOX
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.operators import CommentaryQuestion
from sia_airflow.timetables import after_last_return


@dag(
    dag_id="commentary",
    dag_display_name="Scorecard: commentary",
    description="Asks the leads of a quarter's exceptions for the reasons.",
    doc_md=runbook("commentary", leads="; ".join(leads({}))),
    schedule=after_last_return(2),
    tags={"scorecard", "quarterly", "release"},
    # A run waits for two weeks. A run for another quarter, or for a later return, does not wait for it.
    **QUARTERLY | {"max_active_runs": 8},
)
def commentary() -> None:
    """Ask, and wait for the answers."""

    @task
    def ask(quarter_key: str) -> list[dict[str, Any]]:
        """Record the questions; for each lead the numbers of its requests, and the last day."""
        from sia.release import commentary as requests

        with database.connection() as connection:
            return requests.ask(connection, Quarter.parse(quarter_key))

    @task(outlets=[OUTBOX])
    def write_to_leads(questions: list[dict[str, Any]], *, dag_run: Any) -> int:
        """Write the letter to each lead; how many were written now."""
        from sia.release import commentary as requests

        written = 0
        with database.connection() as connection:
            for index, question in enumerate(questions):
                page = airflow_compat.question_page(dag_run, "lead", index)
                written += requests.write_to_lead(connection, question["requests"], page)
        return written

    questions = ask(QUARTER_OF_RUN)
    write_to_leads(questions)
    lead = CommentaryQuestion.partial(task_id="lead", execution_timeout=None, map_index_template="{{ task.lead }}")
    lead.expand_kwargs(questions)


commentary()
