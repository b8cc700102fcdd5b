"""The release of a quarter: prepared, put before a named approver with what changed, and published or sent back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context, Param, dag, get_current_context, task

from sia.calendar import Quarter
from sia.registers.approvers import approvers
from sia.settings import settings
from sia_airflow.defaults import QUARTER, START, TASKS, quarter_of_run

_APPROVERS = approvers()

RUNBOOK = """
### Release of the scorecard

Publishes the scorecard of a quarter, once a person has approved it: {approvers}.

**When it runs.** The unit starts it, before the Board meets in July, November and February, with the parameter
`quarter`, such as `2021-22Q4`; or `make approve QUARTER=2021-22Q4`. One release at a time: what is published later is
protected against what was published before.

**`prepare`** fixes the moment whose knowledge the release shows, makes its files into
`drafts/<quarter>/release-candidate/`, and writes what it says otherwise than the last release. It fails if no way is
found to hide what must be hidden, and says which figure; nothing is then published.

**`approve`** writes to the approvers, and waits, for as long as it takes, under *Required Actions*, for one of them.
Read the candidate's exception report first: it carries what leads wrote, as they wrote it. Approve, or reject with a
comment that says what is to be mended. If it asks the same again at once, answer it again: an answer within seconds of
the question can cross with the worker's leaving.

**`publish`** makes the files again from the warehouse as it was known at that moment. If they are not the bytes that
were approved it fails and nothing is published: start a new run. Else they lie, written once, in
`releases/<quarter>/<number>/`, and in the ledger (`release.ledger`).

**`send_back`** runs instead after a rejection, and keeps who sent it back and why. Mend it, and start a new run.

**A task failed.** Read its log, mend the cause, clear the task. Publishing twice publishes once. Never clear `approve`
of a release that was decided: start a new run.
"""


def _difference(candidate: int) -> str:
    from sia.release import ledger
    from sia.warehouse import database

    with database.connection() as connection, connection.cursor() as cursor:
        return ledger.candidate(cursor, candidate).difference


class Approval(ApprovalOperator):
    """Airflow's approval, which gives who decided, when, and with what comment, also where the answer is no.

    Airflow's own gives nothing then, because it ends by skipping what follows.
    """

    def execute(self, context: Context) -> Any:
        """Write to the approvers, once however often it is asked, and wait."""
        from sia.release import approval
        from sia.warehouse import database

        candidate = context["ti"].xcom_pull(task_ids="prepare")["candidate"]
        with database.connection() as connection:
            approval.write_to_approvers(connection, candidate, self.generate_link_to_ui(task_instance=context["ti"]))
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Give the decision, then go on as Airflow does."""
        decision = {
            "decided_by": event["responded_by_user"]["id"],
            "decided_at": event["responded_at"],
            "remark": (event["params_input"] or {}).get("comment", ""),
        }
        context["ti"].xcom_push("decision", decision)
        return super().execute_complete(context, event)


@dag(
    dag_id="release",
    dag_display_name="Scorecard: release",
    description="Publishes the scorecard of a quarter once a person has approved it.",
    doc_md=RUNBOOK.format(approvers=", ".join(each.name for each in _APPROVERS)),
    schedule=None,
    start_date=START,
    catchup=False,
    # What is published later is protected against what was published before: one after the other.
    max_active_runs=1,
    params={"quarter": QUARTER},
    default_args=TASKS,
    user_defined_macros={"difference": _difference},
    tags={"scorecard", "quarterly", "release"},
)
def release() -> None:
    """Prepare, ask, and publish or send back."""

    @task
    def prepare(params: dict[str, Any]) -> dict[str, Any]:
        """Fix the moment and make the candidate: its number and counts."""
        from sia.release import draft_folders
        from sia.release import release as step
        from sia.warehouse import database

        run = get_current_context()["dag_run"]
        quarter = Quarter.parse(quarter_of_run(params["quarter"], run.partition_key, run.run_after))
        with database.connection() as connection:
            return step.prepare(connection, quarter, draft_folders.folder_of(quarter) / "release-candidate")

    approve = Approval(
        task_id="approve",
        subject="Approve release {{ ti.xcom_pull(task_ids='prepare')['release'] }} of the scorecard?",
        body="{{ difference(ti.xcom_pull(task_ids='prepare')['candidate']) }}",
        params={"comment": Param("", type="string", title="Comment", description="Kept with the decision for ever.")},
        assigned_users=[{"id": each.id, "name": each.name} for each in _APPROVERS],
        # A person may take weeks; what runs out is the machine's time, not theirs.
        execution_timeout=None,
        # Where an answer crosses with the worker's leaving, Airflow tries again, and so asks again: soon.
        retry_delay=timedelta(seconds=5),
    )

    @task
    def publish(prepared: dict[str, Any], decision: dict[str, Any]) -> dict[str, Any]:
        """Publish what was approved: its name, where it lies, its hash."""
        from sia.release import release as step
        from sia.release.ledger import Decision
        from sia.warehouse import database

        decided = Decision("approved", **decision)
        with database.connection() as connection:
            return step.publish(connection, prepared["candidate"], decided, settings().state / "releases")

    # After a rejection Airflow skips what follows at once, and so not this, which follows that.
    @task(trigger_rule="all_skipped")
    def send_back() -> None:
        """Keep who sent it back, and why."""
        from sia.release import release as step
        from sia.release.ledger import Decision
        from sia.warehouse import database

        ti = get_current_context()["ti"]
        decided = Decision("sent back", **ti.xcom_pull(task_ids="approve", key="decision"))
        with database.connection() as connection:
            step.send_back(connection, ti.xcom_pull(task_ids="prepare")["candidate"], decided)

    prepared = prepare()
    prepared >> approve
    publish(prepared, approve.output["decision"]) >> send_back()


release()
