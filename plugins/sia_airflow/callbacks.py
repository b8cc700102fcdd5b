"""What happens when a run misses its deadline: the unit gets an email at once, which does not wait for the run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback  # type: ignore[attr-defined]


def late_after(interval: timedelta) -> DeadlineAlert:
    """Email the unit if a run has not finished some time after it was queued."""
    return DeadlineAlert(
        name="The run is late",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=interval,
        callback=SyncCallback(email_unit),
    )


def email_unit(context: dict[str, Any]) -> None:
    """Email the unit that a run has not finished in time.

    Args:
        context: Airflow's context; ``dag_run`` is the run, as an object or as a dictionary.
    """
    from sia.feedback.smtp import Email
    from sia.registers.partners import UNIT, partners
    from sia_airflow.airflow_compat import mail_server

    register = partners()
    run = context["dag_run"]
    dag_id, run_id = (run["dag_id"], run["run_id"]) if isinstance(run, dict) else (run.dag_id, run.run_id)
    text = (
        f"The run {run_id} of {dag_id} has not finished in time. Letters may be waiting. Look at the run in Airflow. "
        "The runbook of the DAG says what to do."
    )
    email = Email(
        message_id=f"<{uuid4()}@{register.unit.mailbox.partition('@')[2]}>",
        sender=register.unit.mailbox,
        recipient=register.mailbox(UNIT),
        subject=f"{dag_id} is late",
        plain=f"{text}\n",
        html=f'<!DOCTYPE html>\n<html lang="en-GB"><head><title>{dag_id} is late</title></head><p>{text}</p></html>\n',
        attachment=None,
    )
    with mail_server() as server:
        server.send_message(email.message())
