"""One DAG for each return, made from its contract: take what has come, check it, load it, say so.

A return that is refused is not a failed task: the run succeeds, and its outcome says refused and why.
A task that fails is a fault of ours or of the machine.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import DAG, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import Quarter
from sia.contract.model import Contract, contracts
from sia_airflow.defaults import DRAFT_OVERTAKEN, QUARTER, START, TASKS, quarter_of_run, return_asset
from sia_airflow.timetables import FinancialQuarterTimetable

log = logging.getLogger(__name__)

RUNBOOK = """
### {title}

{about}

| | |
| --- | --- |
| Sent by | {senders} |
| Due | {due_working_days} working days after the quarter's end |
| Formats | {formats} |
| The scorecard waits for it | {expected} |
| Contract | `expectations/{name}.yml` |

**When it runs.** When a file for it lands in the inbox (the DAG `watch`), and on the day on which it is due.

**What it does.** Takes the new files from `inbox/{name}/<quarter>/`, keeps them as they came, reads them,
checks them against the contract, and loads those that pass. A file that was taken before is not taken again.
What became of each is in the `outcome` task's result, in `intake.submission` and in `quality.finding`. `reply` writes
the letter to the sender, with the marked workbook where there is something to fix; the DAG `post` sends it.

**A return was refused.** That is no failure of the run. Read `quality.finding` for the cells and what to do,
ask the sender for a corrected file, and put it into the same folder.

**Nothing was received.** `receive` gives an empty list and the steps after it are skipped. Ask the sender.
Nothing is counted as zero meanwhile.

**A task failed.** Passing faults (the connection, the server) are tried again by themselves, three times.
Anything else fails at once: read the task's log, mend the cause, then clear the failed task with those after it.
Every step is safe to repeat: it does nothing where it was done before.

**Another quarter.** Trigger with the parameter `quarter`, such as `2021-22Q4`; many quarters: a backfill.
"""


@task(map_index_template="{{ submission }}")
def stage(submission_id: int) -> int:
    """Read one submission into the database, as text."""
    from sia.intake import stage as step
    from sia.warehouse import database

    get_current_context()["submission"] = f"submission {submission_id}"
    with database.connection() as connection:
        step.stage(connection, submission_id)
    return submission_id


@task(map_index_template="{{ submission }}")
def validate(submission_id: int) -> int:
    """Check one submission against the contract's rules."""
    from sia.quality import validate as step
    from sia.warehouse import database

    get_current_context()["submission"] = f"submission {submission_id}"
    with database.connection() as connection:
        step.validate(connection, submission_id)
    return submission_id


@task(map_index_template="{{ submission }}")
def load(submission_id: int) -> int:
    """Turn one submission that passed into facts."""
    from sia.warehouse import database
    from sia.warehouse import load as step

    get_current_context()["submission"] = f"submission {submission_id}"
    with database.connection() as connection:
        step.load(connection, submission_id)
    return submission_id


@task_group
def submission(submission_id: int) -> Any:
    """What is done to each file by itself."""
    return load(validate(stage(submission_id)))


def ingest(contract: Contract) -> DAG:
    """The ingest DAG of one return."""
    loaded_asset = return_asset(contract.name)

    @dag(
        dag_id=f"ingest_{contract.name}",
        dag_display_name=f"Ingest: {contract.title}",
        description=contract.about,
        doc_md=RUNBOOK.format(
            name=contract.name,
            title=contract.title,
            about=contract.about,
            senders="; ".join(contract.senders.values()),
            due_working_days=contract.due_working_days,
            formats=", ".join(contract.formats),
            expected="yes" if contract.expected else "no",
        ),
        schedule=FinancialQuarterTimetable(contract.due_working_days),
        start_date=START,
        catchup=False,
        # One at a time: what arrived first is admitted first and loaded first, also where an archive
        # brings several quarters.
        max_active_runs=1,
        params={"quarter": QUARTER},
        default_args=TASKS,
        tags={"ingest", "quarterly", contract.name, *contract.senders},
    )
    def flow() -> None:
        @task
        def quarter(params: dict[str, Any]) -> str:
            """The quarter that this run is about."""
            run = get_current_context()["dag_run"]
            return quarter_of_run(params["quarter"], run.partition_key, run.run_after)

        @task
        def receive(quarter_key: str) -> list[int]:
            """Take the new files of the inbox; the numbers of the submissions that they became."""
            from sia.intake import admit, inbox
            from sia.storage.folders import inbox_folder, landing_folder
            from sia.warehouse import database

            # A person who starts a run has finished writing the file.
            by_hand = get_current_context()["dag_run"].run_type == "manual"
            settling = 0.0 if by_hand else inbox.SETTLING
            quarter = Quarter.parse(quarter_key)
            with database.connection() as connection:
                return admit.receive(connection, contract, quarter, inbox_folder(), landing_folder(), settling)

        @task(trigger_rule="none_failed")
        def outcome(quarter_key: str) -> list[dict[str, Any]]:
            """What became of each submission for the quarter: ids, states and counts, never a value."""
            from sia.intake.outcomes import outcomes
            from sia.warehouse import database

            with database.connection() as connection:
                found = outcomes(connection, contract.name, quarter_key)
            for one in found or ["nothing was received"]:
                log.info("%s, %s: %s", contract.title, quarter_key, one)
            return found

        @task(trigger_rule="none_failed")
        def reply(quarter_key: str) -> int:
            """Put the answer to each sender into the outbox; how many were answered now."""
            from sia.feedback.reply import reply_to_return
            from sia.warehouse import database

            with database.connection() as connection:
                return reply_to_return(connection, contract.name, quarter_key)

        @task(outlets=[loaded_asset])
        def announce(received: list[int], outcomes: list[dict[str, Any]], *, outlet_events: Any) -> list[str]:
            """Tell the scorecard which quarters this run loaded."""
            new = [one for one in outcomes if one["submission_id"] in received and one["status"] == "accepted"]
            if not new:
                raise AirflowSkipException("this run loaded nothing")
            quarter_keys = sorted({key for one in new for key in one["quarters_loaded"]})
            outlet_events[loaded_asset].extra = {
                "submissions": [one["submission_id"] for one in new],
                "rows": sum(one["rows_loaded"] for one in new),
            }
            outlet_events[loaded_asset].add_partitions(quarter_keys)
            return quarter_keys

        @task(outlets=[DRAFT_OVERTAKEN])
        def announce_overtaken(quarter_keys: list[str], *, outlet_events: Any) -> list[str]:
            """Tell the scorecard which drafts no longer say what we hold: of those quarters, or later ones."""
            from sia.release.draft_folders import overtaken_drafts

            overtaken = [quarter.key for quarter in overtaken_drafts(map(Quarter.parse, quarter_keys))]
            if not overtaken:
                raise AirflowSkipException("no draft shows what was loaded")
            outlet_events[DRAFT_OVERTAKEN].extra = {"return": contract.name}
            outlet_events[DRAFT_OVERTAKEN].add_partitions(overtaken)
            return overtaken

        quarter_key = quarter()
        received = receive(quarter_key)
        outcomes = outcome(quarter_key)
        submission.expand(submission_id=received) >> outcomes >> reply(quarter_key)
        announce_overtaken(announce(received, outcomes))

    return flow()


for _contract in contracts().values():
    ingest(_contract)
