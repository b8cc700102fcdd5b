"""Every morning: remind of what is owed, say what is to be put right, send what is in the outbox, clear what is old."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from airflow.sdk import (
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    SyncCallback,
    dag,
    get_current_context,
    task,
)

from sia.calendar import LONDON
from sia_airflow.callbacks import tell_unit
from sia_airflow.defaults import START, TASKS

RUNBOOK = """
### The chase

Every day at 07:30 in London. Who owes which return is in the warehouse's `feedback.expected_return_status`.

| task | does |
| --- | --- |
| `remind` | reminders ten and three working days before a return is wanted, on the day, then weekly to the escalation\
 mailbox; to the unit: what is late, agreements that end, waivers to see to |
| `digests` | what each partner has still to put right, and the unit's list |
| `send` | sends what is in the outbox: these letters, and those that could not be sent before |
| `clear` | removes files whose time is up, encrypts refused ones that are not encrypted yet |

**A run is late.** When it has not finished an hour after it was queued, Airflow's deadline alert mails the unit.

**A task failed.** Passing faults are tried again. Otherwise read its log, mend the cause, clear it: nothing is said
twice. A letter that the mail server does not take stays in `feedback.letter`, is tried again, and is named in the
unit's digest.

**Somebody needs longer.** Add a line to the register of extensions; from the next run on, reminders follow its date.
"""


@task(task_id="send", trigger_rule="all_done")
def send_outbox() -> dict[str, int]:
    """Send what is in the outbox; how many went, how many did not."""
    from sia.feedback import outbox, smtp
    from sia.warehouse import database

    with database.connection() as connection:
        sent = outbox.send_due(connection, smtp.airflow_server)
    return {"sent": sent.sent, "failed": sent.failed}


@dag(
    dag_id="chase",
    dag_display_name="Chase: reminders, digests, letters",
    description="Reminds of what is owed, sends the outbox, and removes files whose time is up.",
    doc_md=RUNBOOK,
    schedule=CronTriggerTimetable("30 7 * * *", timezone=LONDON.key),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    tags={"feedback", "daily"},
    deadline=[
        DeadlineAlert(
            name="The chase is late",
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=timedelta(hours=1),
            callback=SyncCallback(tell_unit),
        )
    ],
)
def chase() -> None:
    """Chase the returns of the run's day."""

    @task
    def remind() -> list[str]:
        """Write the day's reminders; to whom."""
        from sia.feedback import reminders as step
        from sia.warehouse import database

        with database.connection() as connection:
            return step.queue_reminders(connection, _day())

    @task
    def digests() -> list[str]:
        """Write the day's digests; to whom."""
        from sia.feedback import digest
        from sia.intake import inbox
        from sia.storage.folders import inbox_folder
        from sia.warehouse import database

        with database.connection() as connection:
            # Files that have come or gone since the inbox was last looked at.
            inbox.look(connection, inbox_folder())
            return digest.queue_digests(connection, _day())

    @task
    def clear() -> int:
        """Remove files whose time is up; how many submissions lost theirs."""
        from sia import retention
        from sia.warehouse import database

        with database.connection() as connection:
            return retention.remove_expired(connection, _day())

    [remind(), digests()] >> send_outbox()
    clear()


def _day() -> date:
    run: Any = get_current_context()["dag_run"]
    day: date = run.run_after.astimezone(LONDON).date()
    return day


POST_RUNBOOK = """
### The post

Every five minutes: sends the letters that wait in the outbox (`feedback.letter`), so a partner knows within minutes
what became of a return. A letter that the mail server does not take stays, and is tried again later; nothing is sent
twice knowingly. To see what waits: `SELECT kind, recipient, state, fault FROM feedback.letter WHERE state <> 'sent'`.
"""


@dag(
    dag_id="post",
    dag_display_name="Post: letters in the outbox",
    description="Sends the letters that wait in the outbox.",
    doc_md=POST_RUNBOOK,
    schedule=CronTriggerTimetable("*/5 * * * *", timezone=LONDON.key),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    tags={"feedback"},
)
def post() -> None:
    """Send what is in the outbox."""
    send_outbox()


chase()
post()
