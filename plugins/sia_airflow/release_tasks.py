"""The tasks of the DAG ``release``."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import Quarter
from sia.settings import settings
from sia.warehouse import database
from sia_airflow import airflow_compat
from sia_airflow.assets import OUTBOX
from sia_airflow.operators import check_candidate, decision_of, is_approval
from sia_airflow.pools import LARGE_MEMORY

Prepared = dict[str, Any]
Answer = dict[str, Any]


@task(pool=LARGE_MEMORY, multiple_outputs=False)
def prepare(quarter_key: str) -> Prepared:
    """Freeze the snapshot time and make the candidate. Returns its number, name and counts."""
    from sia.release import candidate, draft_folders

    quarter = Quarter.parse(quarter_key)
    with database.connection() as connection:
        return candidate.prepare(connection, quarter, draft_folders.candidate_folder(quarter))


@task(outlets=[OUTBOX])
def write_to_approvers(prepared: Prepared, *, dag_run: Any) -> list[str]:
    """Write a letter to each approver. Returns the approvers who get a letter now."""
    from sia.release import approval

    with database.connection() as connection:
        page = airflow_compat.question_page(dag_run, "approve")
        if written := approval.write_to_approvers(connection, prepared["candidate"], page):
            return written
    raise AirflowSkipException("every approver has had a letter")


@task(pool=LARGE_MEMORY, multiple_outputs=False, outlets=[OUTBOX])
def publish(prepared: Prepared, answer: Answer) -> dict[str, Any]:
    """Publish an approved candidate. Returns the release's name, folder and hash."""
    from sia.release import approval, publishing

    if not is_approval(answer):
        raise AirflowSkipException("the candidate was rejected")
    check_candidate(answer, prepared["candidate"])
    decision = decision_of(answer)
    with database.connection() as connection:
        approval.check_approver(connection, decision.decided_by)
        folder = settings().state / "releases"
        return publishing.publish(connection, prepared["candidate"], decision, folder)


@task
def send_back(prepared: Prepared, answer: Answer) -> None:
    """Record who rejected a candidate, and why."""
    from sia.release import approval, publishing

    if is_approval(answer):
        raise AirflowSkipException("the candidate was approved")
    check_candidate(answer, prepared["candidate"])
    decision = decision_of(answer)
    with database.connection() as connection:
        approval.check_approver(connection, decision.decided_by)
        publishing.send_back(connection, prepared["candidate"], decision)
