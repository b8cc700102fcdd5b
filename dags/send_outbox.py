"""Sends letters as soon as something is in the outbox, and every hour those that could not be sent before."""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from sia.calendar import LONDON
from sia.warehouse import database
from sia_airflow.assets import OUTBOX
from sia_airflow.defaults import DEFAULTS, runbook


@dag(
    dag_id="send_outbox",
    dag_display_name="Letters: send the outbox",
    description="Sends the letters in the outbox.",
    doc_md=runbook("send_outbox"),
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 * * * *", timezone=LONDON.key), assets=[OUTBOX]),
    tags={"letters", "hourly"},
    **DEFAULTS,
)
def send_outbox() -> None:
    """Send the letters that are due."""

    @task(multiple_outputs=False)
    def send() -> dict[str, int]:
        """Send the letters; how many the mail server accepted, and how many not."""
        from sia.feedback.outbox import send_due
        from sia_airflow.airflow_compat import mail_server

        with database.connection() as connection:
            result = send_due(connection, mail_server)
        return {"sent": result.sent, "failed": result.failed}

    send()


send_outbox()
