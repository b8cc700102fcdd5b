"""The tasks of the ingest DAGs. They pass on ids, states and counts, and never a value of a return."""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.settings import settings
from sia.warehouse import database
from sia_airflow.assets import DRAFT_OVERTAKEN, OUTBOX, return_asset
from sia_airflow.pools import LARGE_MEMORY
from sia_airflow.rest_api import own_api

log = logging.getLogger(__name__)

_OF_SUBMISSION = "submission {{ task.op_kwargs['submission_id'] }}"


@task
def receive(return_name: str, quarter_key: str, *, dag_run: Any) -> list[int]:
    """Receive the new files in the inbox. Returns the ids of their submissions."""
    from sia.intake import admit
    from sia.storage.folders import inbox_folder, landing_folder

    # A person who starts a run has finished writing. The watcher of the inbox names the files that have settled.
    settled = None if dag_run.run_type == "manual" else (dag_run.conf or {}).get("settled", [])
    quarter = Quarter.parse(quarter_key)
    with database.connection() as connection:
        return admit.receive(
            connection, contract(return_name), quarter, inbox_folder(), landing_folder(), settled=settled
        )


@task(map_index_template=_OF_SUBMISSION)
def stage(submission_id: int) -> None:
    """Read one submission into the database, as text."""
    from sia.intake import stage as intake_stage

    with database.connection() as connection:
        intake_stage.stage(connection, submission_id)


@task(map_index_template=_OF_SUBMISSION, pool=LARGE_MEMORY)
def validate(submission_id: int) -> None:
    """Check one submission against the rules of its contract. Rows that a crash of PostgreSQL took are staged again."""
    from sia.intake import stage as intake_stage
    from sia.quality import validate as quality_validate

    with database.connection() as connection:
        intake_stage.stage(connection, submission_id)
        quality_validate.validate(connection, submission_id)


@task(map_index_template=f"{_OF_SUBMISSION}{{{{ ', refused' if is_refused is defined else '' }}}}")
def load(submission_id: int) -> None:
    """Turn one validated submission into facts. Rows that a crash of PostgreSQL took are staged and checked again."""
    from sia.feedback.decided_submission import decided_submission
    from sia.intake import stage as intake_stage
    from sia.quality import validate as quality_validate
    from sia.warehouse import load as warehouse_load

    with database.connection() as connection:
        intake_stage.stage(connection, submission_id)
        quality_validate.validate(connection, submission_id)
        if warehouse_load.load(connection, submission_id):
            return
        with connection, connection.cursor() as cursor:
            submission = decided_submission(cursor, submission_id)
        if submission and not submission.accepted:
            # For the name of the task in Airflow.
            get_current_context()["is_refused"] = True  # type: ignore[typeddict-unknown-key]
            raise AirflowSkipException("nothing was loaded: the return was refused")
        raise AirflowSkipException("nothing was loaded: the return was loaded before")


@task_group
def submission(submission_id: int) -> None:
    """The steps of one file."""
    stage(submission_id=submission_id) >> validate(submission_id=submission_id) >> load(submission_id=submission_id)


@task(trigger_rule=TriggerRule.ONE_FAILED)
def unfinished() -> None:
    """Fail the run if one of its files was not finished. The others get their reply all the same."""
    raise AirflowFailException("one of the files was not finished: see the task that failed")


@task(trigger_rule=TriggerRule.ALL_DONE)
def outcome(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """The outcome of each submission for the quarter."""
    from sia.intake.outcomes import outcomes

    with database.connection() as connection:
        rows = outcomes(connection, return_name, quarter_key)
    title = contract(return_name).title
    for row in rows:
        log.info("%s, %s: %s", title, quarter_key, row)
    if not rows:
        log.info("%s, %s: we received nothing", title, quarter_key)
    return rows


@task(trigger_rule=TriggerRule.NONE_FAILED, outlets=[OUTBOX])
def reply(return_name: str, quarter_key: str) -> int:
    """Write the reply to each sender. Returns the number of submissions that got a reply now."""
    from sia.feedback.reply import reply_to_return

    with database.connection() as connection:
        if replied := reply_to_return(connection, return_name, quarter_key):
            return replied
    raise AirflowSkipException("no submission waits for a reply")


@task(trigger_rule=TriggerRule.NONE_FAILED, outlets=[OUTBOX])
def report_refused(received: list[int], outcomes: list[dict[str, Any]], *, dag_run: Any) -> list[str]:
    """Write to the unit about each refused submission, and note on the run that it refused some.

    Returns the receipts of those.
    """
    from sia.feedback.refusals import write_to_unit

    refused = {row["submission_id"]: row for row in outcomes if row["status"] == "refused"}
    with database.connection() as connection, connection, connection.cursor() as cursor:
        written = write_to_unit(cursor, refused)
        of_run = [row for number, row in refused.items() if number in {*received, *written}]
        if not of_run:
            raise AirflowSkipException("this run refused nothing")
        if api := own_api():
            # Before the letters are committed: a run that is tried again finds which they are.
            api.patch(f"/dags/{dag_run.dag_id}/dagRuns/{dag_run.run_id}", {"note": _note(of_run)})
    return [row["receipt"] for row in of_run]


def _note(refused: list[dict[str, Any]]) -> str:
    """What a person reads on a run in Airflow, with links to the desk."""
    receipts = (
        f"[{row['receipt']}]({address}/receipts/{row['receipt']})"
        if (address := (settings().desk_address or "").rstrip("/"))
        else row["receipt"]
        for row in refused
    )
    return f"**Refused:** {', '.join(receipts)}. We have written to the sender and to the unit."


@task
def announce(return_name: str, received: list[int], outcomes: list[dict[str, Any]], *, outlet_events: Any) -> list[str]:
    """Tell the scorecard which quarters this run loaded."""
    loaded = [row for row in outcomes if row["submission_id"] in received and row["status"] == "accepted"]
    if not loaded:
        raise AirflowSkipException("this run loaded nothing")
    quarter_keys = sorted({key for row in loaded for key in row["quarters_loaded"]})
    event = outlet_events[return_asset(return_name)]
    event.extra = {
        "submissions": [row["submission_id"] for row in loaded],
        "rows": sum(row["rows_loaded"] for row in loaded),
    }
    event.add_partitions(quarter_keys)
    return quarter_keys


@task(outlets=[DRAFT_OVERTAKEN])
def announce_overtaken(return_name: str, quarter_keys: list[str], *, outlet_events: Any) -> list[str]:
    """Tell the scorecard which drafts show figures that this run changed."""
    from sia.release.draft_folders import overtaken_drafts

    overtaken = [quarter.key for quarter in overtaken_drafts(map(Quarter.parse, quarter_keys))]
    if not overtaken:
        raise AirflowSkipException("no draft shows what was loaded")
    outlet_events[DRAFT_OVERTAKEN].extra = {"return": return_name}
    outlet_events[DRAFT_OVERTAKEN].add_partitions(overtaken)
    return overtaken
