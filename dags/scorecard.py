"""The draft scorecard of a quarter: when all returns are in, at the deadline, and again when figures change."""

from __future__ import annotations

from typing import Any

from airflow.sdk import AssetAll, PartitionedAssetTimetable, dag, task

from sia.calendar import Quarter
from sia.contract.model import contracts
from sia.warehouse import database
from sia_airflow.assets import DRAFT_OVERTAKEN, SCORECARD_DUE, return_asset
from sia_airflow.defaults import QUARTER_OF_RUN, QUARTERLY, runbook
from sia_airflow.pools import LARGE_MEMORY

EXPECTED = [contract for contract in contracts().values() if contract.expected]


@dag(
    dag_id="scorecard",
    dag_display_name="Scorecard: draft",
    description="Drafts the scorecard of a quarter from all that we have received for it.",
    doc_md=runbook("scorecard", expected=", ".join(contract.title for contract in EXPECTED)),
    schedule=PartitionedAssetTimetable(
        assets=AssetAll(*(return_asset(contract.name) for contract in EXPECTED)) | SCORECARD_DUE | DRAFT_OVERTAKEN
    ),
    tags={"scorecard", "quarterly"},
    **QUARTERLY | {"max_active_runs": 2},
)
def scorecard() -> None:
    """Draft the scorecard of the run's quarter."""

    @task(multiple_outputs=False)
    def check() -> dict[str, int]:
        """Check that the warehouse is sound. We draft nothing from figures that do not reconcile."""
        from sia.warehouse import invariants

        with database.connection() as connection:
            return invariants.require_sound(connection)

    @task(pool=LARGE_MEMORY, multiple_outputs=False)
    def draft(quarter_key: str) -> dict[str, Any]:
        """Write the draft; its files, and how many measures have figures."""
        from sia.release import draft as drafts
        from sia.release.draft_folders import folder_of

        quarter = Quarter.parse(quarter_key)
        with database.connection() as connection:
            return drafts.draft(connection, quarter, folder_of(quarter)).summary()

    check() >> draft(QUARTER_OF_RUN)


scorecard()
