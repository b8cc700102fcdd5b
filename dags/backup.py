"""Every night: a backup of the warehouse. Every month: the oldest backup that we keep is restored to prove it."""

from __future__ import annotations

from datetime import date, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from sia.calendar import LONDON
from sia_airflow.callbacks import late_after
from sia_airflow.defaults import DAY_OF_RUN, DEFAULTS, runbook


@dag(
    dag_id="backup",
    dag_display_name="Warehouse: back up",
    description="Backs up the warehouse every night, and restores an old backup every month to prove it.",
    doc_md=runbook("backup"),
    schedule=CronTriggerTimetable("30 1 * * *", timezone=LONDON.key),
    tags={"warehouse", "daily"},
    deadline=[late_after(timedelta(hours=3))],
    **DEFAULTS,
)
def back_up_warehouse() -> None:
    """Back up the warehouse, and rehearse a restore on the first day of a month."""

    @task(multiple_outputs=False)
    def back_up() -> dict[str, int]:
        """Write an encrypted backup and prove it; how many tables and rows it has."""
        from sia.backup import backup

        tables = backup.read_manifest(backup.backup(backup.usual_folder())).tables.values()
        return {"tables": len(tables), "rows": sum(table.rows for table in tables)}

    @task(multiple_outputs=False)
    def rehearse(day: str) -> dict[str, str]:
        """Restore the oldest backup into a second database, compare it and migrate it; when it was made."""
        from sia.backup import backup

        if date.fromisoformat(day).day != 1:
            raise AirflowSkipException("we rehearse a restore on the first day of a month")
        return {"made_at": backup.rehearse(backup.kept(backup.usual_folder())[0]).made_at}

    back_up() >> rehearse(DAY_OF_RUN)


back_up_warehouse()
