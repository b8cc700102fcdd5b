"""Starts the ingest of a return when a file for it arrives in the inbox, within a minute and once."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, dag, task

from sia.calendar import LONDON
from sia.warehouse import database
from sia_airflow.defaults import DEFAULTS, runbook
from sia_airflow.triggers import InboxTrigger

INBOX = Asset("inbox", watchers=[AssetWatcher(name="inbox", trigger=InboxTrigger())])


@dag(
    dag_id="watch_inbox",
    dag_display_name="Inbox: watch for files",
    description="Starts the ingest of a return when a file for it arrives in the inbox.",
    doc_md=runbook("watch_inbox"),
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 7 * * *", timezone=LONDON.key), assets=[INBOX]),
    tags={"ingest", "daily"},
    **DEFAULTS,
)
def watch_inbox() -> None:
    """Look for new files, and start their ingest."""

    @task
    def look(*, triggering_asset_events: Any) -> list[dict[str, Any]]:
        """Find the returns and quarters with new files; the run to start for each."""
        from sia.intake import inbox
        from sia.storage.folders import inbox_folder

        events = triggering_asset_events.get(INBOX) or []
        with database.connection() as connection:
            if events:
                pending = inbox.pending(connection, *(event.extra["payload"] for event in events))
            else:
                pending = inbox.look(connection, inbox_folder())
        return [
            {
                "trigger_dag_id": f"ingest_{files.return_name}",
                "trigger_run_id": f"inbox__{files.quarter_key}__{files.key}",
                "conf": {"quarter": files.quarter_key, "settled": list(files.file_keys)},
            }
            for files in pending
        ]

    TriggerDagRunOperator.partial(
        task_id="start",
        logical_date=None,
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_dag_id }}, {{ task.conf.quarter }}",
    ).expand_kwargs(look())


watch_inbox()
