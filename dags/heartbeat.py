"""Every five minutes: proves that Airflow works, ends overdue sessions, and asks for drafts that were forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from sia.calendar import LONDON
from sia.warehouse import database
from sia_airflow.assets import SCORECARD_DUE
from sia_airflow.defaults import DEFAULTS, runbook


@dag(
    dag_id="heartbeat",
    dag_display_name="Service: heartbeat",
    description="Proves every five minutes that Airflow works, and looks for what was forgotten.",
    doc_md=runbook("heartbeat"),
    schedule=CronTriggerTimetable("*/5 * * * *", timezone=LONDON.key),
    tags={"service", "hourly"},
    **DEFAULTS,
)
def heartbeat() -> None:
    """Renew the heartbeat, and ask for the drafts of complete quarters that have none."""

    # Before all that waits: otherwise many long tasks would look like silence.
    @task(priority_weight=1000)
    def beat() -> list[str]:
        """Renew the heartbeat; the quarters to draft."""
        from sia import heartbeat
        from sia.release.complete_quarters import complete_without_draft
        from sia.warehouse.sessions import end_overdue

        now = datetime.now(UTC)
        with database.connection() as connection:
            end_overdue(connection)
            forgotten = complete_without_draft(connection, now.astimezone(LONDON).date())
        return [quarter.key for quarter in heartbeat.beat(now, forgotten)]

    @task(outlets=[SCORECARD_DUE])
    def ask(quarter_key: str, *, outlet_events: Any) -> None:
        """Ask for the draft of a quarter."""
        outlet_events[SCORECARD_DUE].add_partitions(quarter_key)

    ask.expand(quarter_key=beat())


heartbeat()
