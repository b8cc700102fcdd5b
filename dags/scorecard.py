"""The scorecard of a quarter: drafted when the returns are in, at the deadline, and again when figures change."""

from __future__ import annotations

from typing import Any

from airflow.sdk import AssetAll, PartitionedAssetTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import Quarter
from sia.contract.model import contracts
from sia_airflow.defaults import DRAFT_OVERTAKEN, QUARTER, SCORECARD_DUE, START, TASKS, quarter_of_run, return_asset
from sia_airflow.timetables import FinancialQuarterTimetable

_EXPECTED = [contract for contract in contracts().values() if contract.expected]

SCORECARD_RUNBOOK = """
### Draft scorecard

Compares the county, the four Community Safety Partnerships and the five districts for one quarter, and writes the
draft as tidy CSV, as an accessible workbook and as a web page into `drafts/<quarter>/`.

**When it runs.** When every return that it waits for was loaded for a quarter ({expected}); at the deadline, with
what there is (`scorecard_due`); and when a return was loaded for a quarter that has a draft already.

**What is missing** is shown as not received, never as zero.

**`check` failed.** An invariant of the warehouse is broken; the message names the file in `include/sql/checks`, whose
rows show what does not agree. Nothing is drafted until it is mended.

**`draft` failed.** Passing faults are tried again by themselves. Anything else: read the log, mend the cause, clear the
task. Drafting twice gives the same files.

**By hand.** Trigger with the parameter `quarter`, such as `2021-22Q4`.
"""

DUE_RUNBOOK = """
### The scorecard's deadline

One working day after the last return is due: if the quarter has no draft yet, because a return is missing or was
refused, this asks for one with what there is. If it has one, nothing is to be done and the task is skipped.
Nothing needs doing by hand; to ask for a draft, trigger `scorecard` with a quarter.
"""


@dag(
    dag_id="scorecard",
    dag_display_name="Scorecard: draft",
    description="The draft scorecard of a quarter, from all that was received for it.",
    doc_md=SCORECARD_RUNBOOK.format(expected=", ".join(contract.title for contract in _EXPECTED)),
    schedule=PartitionedAssetTimetable(
        assets=AssetAll(*(return_asset(contract.name) for contract in _EXPECTED)) | SCORECARD_DUE | DRAFT_OVERTAKEN
    ),
    start_date=START,
    catchup=False,
    # Each imports some 300 MB of libraries.
    max_active_runs=2,
    params={"quarter": QUARTER},
    default_args=TASKS,
    tags={"scorecard", "quarterly"},
)
def scorecard() -> None:
    """Draft the scorecard of the run's quarter."""

    @task
    def check() -> dict[str, int]:
        """Ask the warehouse whether it is sound: nothing is drafted on figures that do not reconcile."""
        from sia.warehouse import database, invariants

        with database.connection() as connection:
            return invariants.require_sound(connection)

    @task
    def draft(params: dict[str, Any]) -> dict[str, Any]:
        """Write the draft; where it lies and what it counts."""
        from sia.release import draft as step
        from sia.release.draft_folders import folder_of
        from sia.warehouse import database

        run = get_current_context()["dag_run"]
        quarter = Quarter.parse(quarter_of_run(params["quarter"], run.partition_key, run.run_after))
        with database.connection() as connection:
            return step.draft(connection, quarter, folder_of(quarter)).summary()

    check() >> draft()


@dag(
    dag_id="scorecard_due",
    dag_display_name="Scorecard: deadline",
    description="Asks for the draft of a quarter at its deadline, if there is none yet.",
    doc_md=DUE_RUNBOOK,
    schedule=FinancialQuarterTimetable(max(contract.due_working_days for contract in _EXPECTED) + 1),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    params={"quarter": QUARTER},
    default_args=TASKS,
    tags={"scorecard", "quarterly"},
)
def scorecard_due() -> None:
    """Say that the deadline of the run's quarter has come."""

    @task(outlets=[SCORECARD_DUE])
    def ask(params: dict[str, Any], *, outlet_events: Any) -> None:
        """Ask for a draft, unless there is one."""
        from sia.release.draft_folders import has_draft

        run = get_current_context()["dag_run"]
        quarter_key = quarter_of_run(params["quarter"], run.partition_key, run.run_after)
        if has_draft(Quarter.parse(quarter_key)):
            raise AirflowSkipException("the draft was made when the last return came in")
        outlet_events[SCORECARD_DUE].add_partitions(quarter_key)

    ask()


scorecard()
scorecard_due()
