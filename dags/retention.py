"""Every morning: removes files that we may no longer keep, and encrypts refused returns."""

from __future__ import annotations

from datetime import date

from airflow.sdk import CronTriggerTimetable, dag, task

from sia.calendar import LONDON
from sia.warehouse import database
from sia_airflow.defaults import DAY_OF_RUN, DEFAULTS, runbook


@dag(
    dag_id="retention",
    dag_display_name="Retention: remove expired files",
    description="Removes files whose retention has ended, and encrypts refused returns.",
    doc_md=runbook("retention"),
    schedule=CronTriggerTimetable("30 6 * * *", timezone=LONDON.key),
    tags={"retention", "daily"},
    **DEFAULTS,
)
def retention() -> None:
    """Remove what has expired by the run's day."""

    @task
    def remove(day: str) -> int:
        """Remove files whose retention has ended; how many submissions lost theirs."""
        from sia.retention import remove_expired

        with database.connection() as connection:
            return remove_expired(connection, date.fromisoformat(day))

    remove(DAY_OF_RUN)


retention()
