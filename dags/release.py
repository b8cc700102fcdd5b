"""The release of a quarter: prepare it, ask an approver, and publish it or send it back."""

from __future__ import annotations

from airflow.sdk import dag

from sia.registers.approvers import approvers
from sia_airflow import release_tasks as tasks
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.operators import ReleaseQuestion


@dag(
    dag_id="release",
    dag_display_name="Scorecard: release",
    description="Publishes the scorecard of a quarter after an approver has approved it.",
    doc_md=runbook("release", approvers=", ".join(approver.name for approver in approvers({}))),
    schedule=None,
    tags={"scorecard", "quarterly", "release"},
    # One release at a time: disclosure control protects each against those published before it.
    **QUARTERLY,
)
def release() -> None:
    """Prepare, ask, and publish or send back."""
    prepared = tasks.prepare(QUARTER_OF_RUN)
    tasks.write_to_approvers(prepared)
    answer = ReleaseQuestion(task_id="approve", prepared=prepared).output
    tasks.publish(prepared, answer)
    tasks.send_back(prepared, answer)


release()
