"""Every month: fetch the archive of data.police.uk, and put the months in it that we do not hold into the inbox."""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import LONDON
from sia.settings import settings
from sia_airflow.defaults import START, TASKS

RUNBOOK = """
### The police archive

On the 5th of each month at 06:00 in London. data.police.uk publishes an archive of three years of all forces once a
month, about two months behind.

It downloads the archive unless it is the last one, checks it, and puts our force's files for the months that we do not\
 hold into the inbox, where the DAG `watch` finds them and starts the ingests of `tvp_crime` and `tvp_outcomes`. Where\
 nothing is new, nothing is done and `fetch` is skipped.

**Where from.** `SIA_POLICE_ARCHIVE`, by default the newest archive. Only https, but for this machine. No secret.

**`fetch` failed.** A broken connection is tried again by itself and carries on where it broke off: what has come lies\
 in `fetched/police` of the state folder. If the archive changed meanwhile, or its checksum is wrong, it is begun anew.\
 Anything else fails at once: read the log; the address may have moved.

**Months that are held stay as they are.** To take what the police revised in them since, download an archive of our\
 force and give it to `make ingest FILE=…`, and once more with `RETURN=tvp_outcomes` for its outcomes; a month then\
 replaces the one before, and its history is kept.
"""


@dag(
    dag_id="police_archive",
    dag_display_name="Police archive: fetch new months",
    description="Fetches the monthly archive of data.police.uk and puts its new months into the inbox.",
    doc_md=RUNBOOK,
    schedule=CronTriggerTimetable("0 6 5 * *", timezone=LONDON.key),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    tags={"intake", "monthly", "tvp_crime", "tvp_outcomes"},
)
def police_archive() -> None:
    """Fetch what is new."""

    @task
    def fetch() -> dict[str, str]:
        """Put new months into the inbox: for which returns, and under which quarter."""
        from sia.data_police_uk import delivery
        from sia.storage.folders import inbox_folder
        from sia.warehouse import database

        with database.connection() as connection:
            delivered = delivery.deliver(connection, inbox_folder(), settings().state / "fetched" / "police")
        if delivered:
            return {archive.return_name: archive.quarter_key for archive in delivered}
        raise AirflowSkipException("nothing new was published")

    fetch()


police_archive()
