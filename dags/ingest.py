"""One DAG for each return, made from its contract: receive its files, check them, load them and reply.

A refused return is not a failed task: its task `load` is skipped and named "refused". The run succeeds. Its outcome and
the note on it say that the return was refused, and the unit gets a letter at once.
"""

from __future__ import annotations

from airflow.sdk import DAG, dag

from sia.contract.model import Contract, contracts
from sia_airflow import ingest_tasks as tasks
from sia_airflow.assets import return_asset
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.timetables import FinancialQuarterTimetable


def ingest(contract: Contract) -> DAG:
    """The ingest DAG of one return."""

    @dag(
        dag_id=f"ingest_{contract.name}",
        dag_display_name=f"Ingest: {contract.title}",
        description=contract.about,
        doc_md=runbook(
            "ingest",
            name=contract.name,
            title=contract.title,
            about=contract.about,
            senders="; ".join(contract.senders.values()),
            due="not owed to us"
            if contract.published
            else f"{contract.due_working_days} working days after the quarter",
            formats=", ".join(contract.formats),
            expected="yes" if contract.expected else "no",
        ),
        # Nobody owes us what is published for all, and no day is due for it.
        schedule=None if contract.published else FinancialQuarterTimetable(contract.due_working_days),
        tags={"ingest", "quarterly", contract.name, *contract.senders},
        # One run at a time: the file that we received first is loaded first, and an archive may bring several quarters.
        **QUARTERLY,
    )
    def flow() -> None:
        return_and_quarter = (contract.name, QUARTER_OF_RUN)
        received = tasks.receive(*return_and_quarter)
        outcomes = tasks.outcome(*return_and_quarter)
        submissions = tasks.submission.expand(submission_id=received)
        reply = tasks.reply(*return_and_quarter)
        submissions >> outcomes >> reply >> tasks.report_refused(received, outcomes)
        [received, submissions] >> tasks.unfinished()
        announce = tasks.announce.override(outlets=[return_asset(contract.name)])
        tasks.announce_overtaken(contract.name, announce(contract.name, received, outcomes))

    return flow()


for _contract in contracts().values():
    ingest(_contract)
