"""Airflow's questions to people: an approver about a release, a lead about exceptions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.standard.operators.hitl import HITLEntryOperator, HITLOperator
from airflow.sdk import Context, Param, ParamsDict  # type: ignore[attr-defined]
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import LONDON
from sia.errors import PermanentError
from sia.registers.approvers import Approver, approvers
from sia.registers.leads import Lead, leads
from sia.settings import settings
from sia.warehouse import database
from sia.warehouse.register_decisions import APPROVERS, LEADS, decided
from sia_airflow import airflow_compat
from sia_airflow.release_answer import APPROVE, REJECT

if TYPE_CHECKING:
    from sia.release.ledger import Decision

_FIELD = "commentary_"


class ReleaseQuestion(HITLOperator):
    """Ask the approvers whether to publish a release candidate. It shows what differs from the last release.

    Args:
        prepared: what ``prepare`` returned: the ``candidate`` and the name of its ``release``.
    """

    template_fields: Collection[str] = ("prepared",)

    def __init__(self, *, prepared: Any, **arguments: Any) -> None:
        arguments["params"] = _fields(None)
        super().__init__(
            subject="Approve the release?",
            options=[APPROVE, REJECT],
            # Those of the file: a DAG is read without the warehouse. The question goes to those of its day.
            assigned_users=_assigned(approvers({})),
            # An approver may take weeks, which must not count as the task's run time.
            execution_timeout=None,
            # An answer within seconds can arrive before the worker has left. Airflow then tries again.
            retry_delay=timedelta(seconds=5),
            **arguments,
        )
        self.prepared = prepared

    def execute(self, context: Context) -> Any:
        """Ask, and wait for the answer."""
        from sia.release import ledger

        self.subject = f"Approve release {self.prepared['release']} of the scorecard?"
        self.params = ParamsDict(_fields(self.prepared["candidate"]))
        with database.connection() as connection, connection.cursor() as cursor:
            self.body = ledger.candidate(cursor, self.prepared["candidate"]).difference
            self.assigned_users = _assigned(approvers(decided(cursor, APPROVERS)))
        return super().execute(context)


def _fields(candidate: int | None) -> dict[str, Param]:
    """The fields of the question, which are not parameters of the DAG."""
    return {
        "candidate": Param(
            candidate,
            type="integer" if candidate else ["null", "integer"],
            title="Candidate",
            description="Leave this as it is. It says which files you have read.",
            source="task",
        ),
        "comment": Param(
            "", type="string", title="Comment", description="Stored permanently with the decision.", source="task"
        ),
        "decided_by": Param(
            "", type="string", title="Decided on the desk by", description="Leave this blank.", source="task"
        ),
    }


def check_candidate(answer: dict[str, Any], candidate: int) -> None:
    """Check that an answer is about a candidate.

    Airflow keeps the text of a question when its task is cleared, so an approver may have read an earlier candidate.

    Raises:
        PermanentError: it is about another candidate.
    """
    if (answered := (answer["params_input"] or {}).get("candidate")) != candidate:
        raise PermanentError(
            f"the answer is about candidate {answered}, and candidate {candidate} has taken its place. Nothing was"
            " decided: trigger the DAG again, so that the approvers read the new candidate"
        )


def _assigned(register: Sequence[Approver]) -> list[Any]:
    """Those who may answer, as Airflow names them: the approvers, and the desk, which passes on what one decided."""
    desk = settings().desk_log_in
    names = ({desk: "The desk"} if desk else {}) | {approver.id: approver.name for approver in register}
    return [{"id": log_in, "name": name} for log_in, name in names.items()]


def is_approval(answer: dict[str, Any]) -> bool:
    """Whether an answer to a ``ReleaseQuestion`` approves the release."""
    return bool(answer["chosen_options"] == [APPROVE])


def decision_of(answer: dict[str, Any]) -> Decision:
    """The decision that an answer to a ``ReleaseQuestion`` gives, as the ledger records it.

    The desk passes on what an approver decided there. Nobody else's log-in may name another approver.
    """
    from sia.release.ledger import Decision

    fields, log_in = answer["params_input"] or {}, answer["responded_by_user"]["id"]
    on_desk = fields.get("decided_by") if log_in == settings().desk_log_in else None
    return Decision(
        "approved" if is_approval(answer) else "sent_back",
        on_desk or log_in,
        answer["responded_at"],
        fields.get("comment", ""),
    )


class CommentaryQuestion(HITLEntryOperator):
    """Ask a lead to comment on exceptions, with a field for each.

    Airflow's own operator keeps the answer in Airflow's database. This one stores it in the warehouse only.

    Args:
        lead: the lead, as in the register of leads.
        requests: the numbers of the requests for commentary.
        due: the last day for an answer, as an ISO date.
    """

    template_fields: ClassVar[Collection[str]] = ()

    def __init__(self, *, lead: str, requests: list[int], due: str, **arguments: Any) -> None:
        self.lead = lead
        self.requests = requests
        self.due = datetime.combine(datetime.fromisoformat(due), time.max, tzinfo=LONDON)
        super().__init__(
            subject=f"Commentary of {lead}", body="", assigned_users=_writers(leads({})[lead]), **arguments
        )

    def execute(self, context: Context) -> Any:
        """Ask, and wait for the answer until the end of the last day."""
        from sia.release import commentary

        self.response_timeout = self._time_left()
        if self.response_timeout <= timedelta(0):
            raise AirflowSkipException("the last day has passed")
        with database.connection() as connection, connection.cursor() as cursor:
            requests = commentary.requests(cursor, self.requests)
            self.assigned_users = _writers(leads(decided(cursor, LEADS))[self.lead])
        self.subject += f" on {requests[0].quarter.label}, by {self.due.day} {self.due:%B %Y}"
        self.body = (
            "Explain the reason for each exception, and what you are doing about it. If you can, mark the parts: "
            "Why: … Action: … Who: … By: … Ask: … We publish it as you write it. Do not write names or other personal "
            "data, or a number of people or incidents that the scorecard does not show. If a text looks like personal "
            "data, we do not store it and ask you again. If you leave a field blank, we publish that we received no "
            "commentary."
        )
        self.params = ParamsDict(
            {
                f"{_FIELD}{request.number}": Param(
                    "", type="string", format="multiline", title=request.title, description=request.direction
                )
                for request in requests
            }
        )
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Store the answer, remove it from Airflow's database, and ask again for texts that could not be stored."""
        from sia.release import commentary

        if "error" in event:
            self.process_trigger_event_error(event)
        texts = {number: str((event["params_input"] or {}).get(f"{_FIELD}{number}") or "") for number in self.requests}
        refused: list[int] = []
        if user := event["responded_by_user"]:
            with database.connection() as connection:
                refused = commentary.take(connection, texts, user["id"], event["responded_at"])
        airflow_compat.forget_answer(context["ti"], self)
        if refused and (left := self._time_left()) > timedelta(0):
            airflow_compat.wait_for_answer(left)
        return {"asked": len(texts), "received": sum(map(bool, texts.values())) - len(refused)}

    def _time_left(self) -> timedelta:
        return self.due - datetime.now(LONDON)


def _writers(lead: Lead) -> list[Any]:
    """The log-ins that may write commentary for a lead, as Airflow names those who may answer."""
    return [{"id": log_in, "name": log_in} for log_in in lead.log_ins]
