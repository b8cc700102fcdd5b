"""Every month: downloads the archive of data.police.uk, and puts its new and revised months into the inbox."""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import LONDON
from sia.contract.model import contracts
from sia.settings import settings
from sia.warehouse import database
from sia_airflow.defaults import DEFAULTS, runbook

DOWNLOADED = [name for name, contract in contracts().items() if contract.archive and contract.archive.download]


@dag(
    dag_id="police_archive",
    dag_display_name="Police archive: download new and revised months",
    description="Downloads the monthly archive of data.police.uk, and puts new and revised months into the inbox.",
    doc_md=runbook("police_archive", returns=", ".join(DOWNLOADED)),
    schedule=CronTriggerTimetable("0 6 5 * *", timezone=LONDON.key),
    tags={"intake", "monthly"},
    **DEFAULTS,
)
def police_archive() -> None:
    """Download what is new."""

    @task(multiple_outputs=False)
    def fetch() -> list[list[str]]:
        """Put new and revised months into the inbox; for each archive, its return and quarter."""
        from sia.data_police_uk import delivery
        from sia.storage.folders import inbox_folder

        with database.connection() as connection:
            delivered = delivery.deliver(connection, inbox_folder(), settings().state / "fetched" / "police")
        if not delivered:
            raise AirflowSkipException("the archive has no new and no revised months")
        return [[archive.return_name, archive.quarter_key] for archive in delivered]

    fetch()


police_archive()
