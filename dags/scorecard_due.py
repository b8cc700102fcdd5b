"""The deadline of the scorecard: asks for the draft of a quarter that has none yet."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import Quarter
from sia_airflow.assets import SCORECARD_DUE
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.timetables import after_last_return


@dag(
    dag_id="scorecard_due",
    dag_display_name="Scorecard: deadline",
    description="Asks for the draft of a quarter at its deadline, if there is none yet.",
    doc_md=runbook("scorecard_due"),
    schedule=after_last_return(1),
    tags={"scorecard", "quarterly"},
    **QUARTERLY,
)
def scorecard_due() -> None:
    """Ask for the draft of the run's quarter."""

    @task(outlets=[SCORECARD_DUE])
    def ask(quarter_key: str, *, outlet_events: Any) -> None:
        """Ask for a draft, unless there is one."""
        from sia.release.draft_folders import has_draft

        if has_draft(Quarter.parse(quarter_key)):
            raise AirflowSkipException("there is a draft already")
        outlet_events[SCORECARD_DUE].add_partitions(quarter_key)

    ask(QUARTER_OF_RUN)


scorecard_due()
