"""A file that lands in the inbox starts its ingest DAG by itself, within minutes, and starts it once."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetWatcher, dag, task

from sia_airflow.defaults import START, TASKS
from sia_airflow.triggers import InboxTrigger

RUNBOOK = """
### The inbox is watched

The triggerer looks into the inbox every fifteen seconds, and starts this DAG when a file has come that does not change
any more. While nothing comes, nothing runs.

| task | does |
| --- | --- |
| `look` | asks the warehouse (`intake.inbox_file`) which files nobody has looked at, looks twice, five seconds apart,\
 and notes what is nobody's: no return, no quarter, no sender |
| `start` | starts the ingest DAG of each return and quarter with a new file. The same files never start two runs: the\
 run is named after them |

**A file lies in the inbox and nothing happens.** Its name says that it is unfinished (`.part`, `.tmp`), it still
changes, or it is nobody's: the unit's digest names the folder. Is the triggerer healthy (Airflow's home page), and
neither this DAG nor the return's paused? To look at once, trigger this DAG.

**A task failed.** Read its log, mend the cause, clear it. Nothing is lost: whatever was not received is found again by
the next run. Where the ingest run itself failed, clear that run; the same files do not start another.
"""


@dag(
    dag_id="watch",
    dag_display_name="Watch: files in the inbox",
    description="Starts the ingest of a return when a file for it lands in the inbox.",
    doc_md=RUNBOOK,
    schedule=[Asset("inbox", watchers=[AssetWatcher(name="inbox", trigger=InboxTrigger())])],
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    tags={"ingest"},
)
def watch() -> None:
    """Look, and start what has come."""

    @task
    def look() -> list[dict[str, Any]]:
        """Find the returns and quarters with new files: what to start, and under which name."""
        from sia.intake import inbox
        from sia.storage.folders import inbox_folder
        from sia.warehouse import database

        with database.connection() as connection:
            pending = inbox.look(connection, inbox_folder())
        return [
            {
                "trigger_dag_id": f"ingest_{news.return_name}",
                "trigger_run_id": f"inbox__{news.quarter_key}__{news.seen}",
                "conf": {"quarter": news.quarter_key},
            }
            for news in pending
        ]

    TriggerDagRunOperator.partial(
        task_id="start",
        logical_date=None,
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_dag_id }}, {{ task.conf.quarter }}",
    ).expand_kwargs(look())


watch()
