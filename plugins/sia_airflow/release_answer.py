"""The question about a release that waits in Airflow, and its answer, through Airflow's REST API.

It imports nothing of Airflow, so that commands which only ask stay quick.
"""

from __future__ import annotations

from typing import Any

from sia_airflow.rest_api import AirflowApi

APPROVE, REJECT = "Approve", "Reject"
"""The answers to choose from."""

RUNS = "/dags/release/dagRuns"


def open_questions(api: AirflowApi) -> list[dict[str, Any]]:
    """The questions that wait for an answer, as Airflow has them."""
    return list(api.get(f"{RUNS}/~/hitlDetails?response_received=false")["hitl_details"])


def answer(api: AirflowApi, question: dict[str, Any], comment: str, *, approved: bool, decided_by: str = "") -> None:
    """Answer a question.

    Args:
        api: for a log-in that may answer it.
        question: the question.
        comment: stored with the decision.
        approved: whether to approve the release, or to send it back.
        decided_by: the mailbox of the approver who decided on the desk; empty if the log-in decides.
    """
    instance = question["task_instance"]
    api.patch(
        f"{RUNS}/{instance['dag_run_id']}/taskInstances/{instance['task_id']}/{instance['map_index']}/hitlDetails",
        {
            "chosen_options": [APPROVE if approved else REJECT],
            "params_input": {
                "candidate": question["params"]["candidate"]["value"],
                "comment": comment,
                "decided_by": decided_by,
            },
        },
    )


def question_about(api: AirflowApi, candidate: int) -> dict[str, Any] | None:
    """The question about a candidate that waits for an answer; None if there is none."""
    return next((asked for asked in open_questions(api) if asked["params"]["candidate"]["value"] == candidate), None)
