"""Every morning: reminders of returns that are due or late, and digests of open tasks."""

from __future__ import annotations

from datetime import date, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import LONDON
from sia.warehouse import database
from sia_airflow.assets import OUTBOX
from sia_airflow.callbacks import late_after
from sia_airflow.defaults import DAY_OF_RUN, DEFAULTS, runbook


@dag(
    dag_id="reminders",
    dag_display_name="Letters: reminders and digests",
    description="Writes the day's reminders and digests to partners and to the unit.",
    doc_md=runbook("reminders"),
    schedule=CronTriggerTimetable("30 7 * * *", timezone=LONDON.key),
    tags={"letters", "daily"},
    deadline=[late_after(timedelta(hours=1))],
    **DEFAULTS,
)
def reminders() -> None:
    """Write the letters of the run's day."""

    @task(outlets=[OUTBOX])
    def remind(day: str) -> list[str]:
        """Write the day's reminders; the recipients."""
        from sia.feedback.reminders import queue_reminders

        with database.connection() as connection:
            if recipients := queue_reminders(connection, date.fromisoformat(day)):
                return recipients
        raise AirflowSkipException("no reminder is due today")

    @task(outlets=[OUTBOX])
    def digests(day: str) -> list[str]:
        """Write the day's digests; the recipients."""
        from sia.feedback.digest import queue_digests

        with database.connection() as connection:
            if recipients := queue_digests(connection, date.fromisoformat(day)):
                return recipients
        raise AirflowSkipException("nobody needs a digest today")

    remind(DAY_OF_RUN)
    digests(DAY_OF_RUN)


reminders()
