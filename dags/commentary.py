"""Commentary on the exceptions of a quarter: each lead is asked, by mail and in Airflow, until a day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLEntryOperator
from airflow.sdk import Context, Param, dag, get_current_context, task
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowSkipException, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from sia.calendar import LONDON, Quarter
from sia.contract.model import contracts
from sia.registers.leads import leads
from sia_airflow.defaults import QUARTER, START, TASKS, quarter_of_run
from sia_airflow.timetables import FinancialQuarterTimetable

_FIELD = "commentary_"

RUNBOOK = """
### Commentary on exceptions

Asks each lead to say what lies behind the exceptions of a quarter and what is being done: {leads}.

**When it runs.** Two working days after the last return is due; or by hand, with the parameter `quarter`, such as
`2021-22Q4`. By hand again: it asks for what has no commentary yet; a lead that was asked and has
still time gets no second letter.

**`ask`** works out the exceptions as a release would report them now, and writes down what is asked and by when:
`commentary_working_days` of the policy. It fails if no release could be made, and says why.

**`lead`**, one for each lead, writes the letter and waits under *Required Actions* for one of the log-ins that
`include/registers/leads.yml` names, a field for each exception. The unit enters what comes by mail. It ends when it is
answered, or at the end of the last day, by itself: a release waits for nobody, and says "No commentary received by".
What looks like personal data is not kept; the lead gets a letter that says so, and the field is asked again.

**Where it is kept.** In `release.commentary`, for ever, and in the exception report of each release that follows. In
Airflow nothing of it stays: `docs/release.md`.

**A task failed.** Read its log, mend the cause, clear the task. Nothing is asked or written twice.
"""


class Commentary(HITLEntryOperator):
    """Airflow's question to a person, with a field for each exception on which a lead is asked to comment.

    Airflow's own gives the answer to XCom, and leaves it in its database; this gives it to the warehouse alone.
    """

    def __init__(self, *, lead: str, requests: list[int], due: str, **given: Any) -> None:
        self.lead = lead
        self.requests = requests
        self.due = datetime.combine(datetime.fromisoformat(due), time.max, tzinfo=LONDON)
        users = [{"id": each, "name": each} for each in leads()[lead].log_ins]
        super().__init__(subject=f"Commentary of {lead}", body="", assigned_users=users, **given)

    def execute(self, context: Context) -> Any:
        """Write to the lead, and wait for the answer until the end of the last day."""
        from sia.release import commentary as step
        from sia.warehouse import database

        if (left := self._left()) <= timedelta(0):
            raise AirflowSkipException("the last day has passed")
        self.response_timeout = left
        with database.connection() as connection, connection.cursor() as cursor:
            asked = step.requests(cursor, self.requests)
        self.subject += f" on {asked[0].quarter.label}, by {self.due.day} {self.due:%B %Y}"
        self.body = (
            "What lies behind it, and what is being done? It is published as you write it: no names or other personal "
            "data, no number of people or incidents that the scorecard does not show. What looks like personal data is "
            "not kept and is asked again. What is left empty is reported as not received."
        )
        self.params = ParamsDict(
            {
                f"{_FIELD}{number}": Param(
                    "", type="string", format="multiline", title=each.title, description=each.direction
                )
                for number, each in zip(self.requests, asked, strict=True)
            }
        )
        with database.connection() as connection:
            step.write_to_lead(connection, self.requests, self.generate_link_to_ui(task_instance=context["ti"]))
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Keep the answer and take it out of Airflow's database; ask again for what could not be kept."""
        from sia.release import commentary as step
        from sia.warehouse import database

        if "error" in event:
            self.process_trigger_event_error(event)
        said = {number: str((event["params_input"] or {}).get(f"{_FIELD}{number}") or "") for number in self.requests}
        by = event["responded_by_user"]
        refused: list[int] = []
        if by:
            with database.connection() as connection:
                refused = step.take(connection, said, by["id"], event["responded_at"])
        # To Airflow it was never answered; what was written is gone with the answer.
        upsert_hitl_detail(ti_id=context["ti"].id, options=self.options, subject=self.subject, params={})
        if refused and (left := self._left()) > timedelta(0):
            raise TaskAwaitingInput(method_name="execute_complete", timeout=left)
        return {"asked": len(said), "received": sum(map(bool, said.values())) - len(refused)}

    def _left(self) -> timedelta:
        return self.due - datetime.now(LONDON)


@dag(
    dag_id="commentary",
    dag_display_name="Scorecard: commentary",
    description="Asks the leads of a quarter's exceptions what lies behind them.",
    doc_md=RUNBOOK.format(leads="; ".join(leads())),
    schedule=FinancialQuarterTimetable(
        max(contract.due_working_days for contract in contracts().values() if contract.expected) + 2
    ),
    start_date=START,
    catchup=False,
    # A run waits for two weeks: the next, of what came later or of another quarter, does not wait for it.
    max_active_runs=8,
    params={"quarter": QUARTER},
    default_args=TASKS,
    tags={"scorecard", "quarterly", "release"},
)
def commentary() -> None:
    """Ask, and wait."""

    @task
    def ask(params: dict[str, Any]) -> list[dict[str, Any]]:
        """Write down what is asked: for each lead the numbers of the requests, and the last day."""
        from sia.release import commentary as step
        from sia.warehouse import database

        run = get_current_context()["dag_run"]
        quarter = Quarter.parse(quarter_of_run(params["quarter"], run.partition_key, run.run_after))
        with database.connection() as connection:
            return step.ask(connection, quarter)

    # What runs out is the lead's time, not the machine's.
    Commentary.partial(task_id="lead", execution_timeout=None, map_index_template="{{ task.lead }}").expand_kwargs(
        ask()
    )


commentary()
