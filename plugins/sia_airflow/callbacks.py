"""What happens when a run fails or misses its deadline: the unit gets an email at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback  # type: ignore[attr-defined]


def late_after(interval: timedelta) -> DeadlineAlert:
    """Email the unit if a run has not finished some time after it was queued."""
    return DeadlineAlert(
        name="The run is late",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=interval,
        callback=SyncCallback(email_unit_late),
    )


def email_unit_late(context: dict[str, Any]) -> None:
    """Email the unit that a run has not finished in time.

    Args:
        context: Airflow's context; ``dag_run`` is the run, as an object or as a dictionary.
    """
    _email_unit(context, "is late", "has not finished in time. Letters may be waiting.")


def email_unit_failed(context: dict[str, Any]) -> None:
    """Email the unit that a run has failed.

    Args:
        context: Airflow's context; ``dag_run`` is the run, as an object or as a dictionary.
    """
    _email_unit(context, "failed", "has failed. It does not start again on its own, and letters may be waiting.")


def _email_unit(context: dict[str, Any], what: str, sentence: str) -> None:
    from sia.feedback.email_to_unit import email_unit
    from sia_airflow.airflow_compat import mail_server

    run = context["dag_run"]
    dag_id, run_id = (run["dag_id"], run["run_id"]) if isinstance(run, dict) else (run.dag_id, run.run_id)
    text = (
        f"The run {run_id} of {dag_id} {sentence} Look at the run in Airflow. The runbook of the DAG says what to do."
    )
    email_unit(mail_server, f"{dag_id} {what}", text)
