"""What happens when a run misses its deadline: the unit is told at once, not by a letter that waits for the run."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


def tell_unit(context: dict[str, Any]) -> None:
    """Mail the unit that a run has not finished in time.

    Args:
        context: Airflow's; ``dag_run`` says which run.
    """
    from sia.feedback.smtp import Email, airflow_server
    from sia.registers.partners import UNIT, partners

    register = partners()
    run = context["dag_run"]
    dag_id, run_id = (run["dag_id"], run["run_id"]) if isinstance(run, dict) else (run.dag_id, run.run_id)
    words = (
        f"The run {run_id} of {dag_id} has not finished in time. Letters may be waiting: look at the run in Airflow; "
        "what to do is in the description of the DAG."
    )
    mail = Email(
        message_id=f"<{uuid4()}@{register.unit.mailbox.partition('@')[2]}>",
        sender=register.unit.mailbox,
        recipient=register.mailbox(UNIT),
        subject=f"{dag_id} is late",
        plain=f"{words}\n",
        html=f'<!DOCTYPE html>\n<html lang="en-GB"><head><title>{dag_id} is late</title></head><p>{words}</p></html>\n',
        attachment=None,
    )
    with airflow_server() as server:
        server.send_message(mail.message())
