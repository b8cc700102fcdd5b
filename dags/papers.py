"""The papers of the business cycle: the partnerships' performance reports, and the pack for the annual assessment."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, get_current_context, task

from sia.calendar import LONDON, Quarter
from sia.registers.business_cycle import last_complete_year, year_ending
from sia.settings import settings
from sia_airflow.defaults import QUARTER, START, TASKS, quarter_of_run
from sia_airflow.timetables import BusinessCycleTimetable

REPORTS_RUNBOOK = """
### Performance reports of the partnerships

A report for each Community Safety Partnership, as web page and accessible workbook: sanctuary scheme, cameras,
mediation, domestic abuse, crime. Made of the quarter's newest release and of nothing else, so that what it hides is
hidden here too. They lie in `papers/csp-reports/<quarter>/<edition>/`, with a manifest of their hashes.

**When it runs.** On the first working day of the second month after a quarter, at 07:00 in London: May, August,
November, February (`include/registers/business_cycle.yml`). By hand: with the parameter `quarter`, such as
`2021-22Q4`, or `make papers QUARTER=2021-22Q4`.

**`make` failed: the quarter has no release.** A report shows only what is released. Approve one (DAG *Scorecard:
release*, or `make approve QUARTER=…`), then clear the task.

**`make` failed: other figures than were released.** The code changed since the release. Release the quarter anew, then
clear the task.

**Again.** Made twice of the same release, nothing changes: an edition is written once. A new release of the quarter
gives the next edition; the earlier stays as it was sent.
"""

ASSESSMENT_RUNBOOK = """
### Pack for the Strategic Intelligence Assessment

A financial year in Oxfordshire and its four partnerships, as web page and accessible workbook: trends, comparison,
the year's exceptions and revisions. Trends are those of the newest release of the fourth quarter; exceptions and
revisions those of every release of the year's quarters. A quarter that was not released is named as such. It lies in
`papers/assessment/<year>/<edition>/`, with a manifest of its hashes and of the releases that it was made from.

**When it runs.** On the first working day of October, at 07:00 in London, about the year that ended in March, because
the assessment is outlined from October on for the Board of November (`include/registers/business_cycle.yml`). By hand:
with the parameter `year`, such as `2021-22`, or `make papers YEAR=2021-22`.

**`make` failed: the fourth quarter has no release.** Approve one (DAG *Scorecard: release*, or
`make approve QUARTER=…`), then clear the task.

**`make` failed: a file is not what was released.** Somebody changed or removed it in `releases/`. Bring it back from a
backup; `make release-verify RELEASE=…` says whether it is right. Then clear the task.

**Again.** Made twice of the same releases, nothing changes. A new release of one of the quarters gives the next
edition; the earlier stays as it was sent.
"""

YEAR = Param(
    None,
    type=["null", "string"],
    pattern=r"^\d{4}-\d{2}$",
    title="Financial year",
    description="For example 2021-22 (April 2021 to March 2022). Left empty: the run's partition, "
    "else the last complete year.",
)


@dag(
    dag_id="csp_reports",
    dag_display_name="Papers: partnerships' reports",
    description="The quarterly performance report of each partnership, made of what is released.",
    doc_md=REPORTS_RUNBOOK,
    schedule=BusinessCycleTimetable("csp_report"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    params={"quarter": QUARTER},
    default_args=TASKS,
    tags={"papers", "quarterly"},
)
def csp_reports() -> None:
    """Make the reports of the run's quarter."""

    @task
    def make(params: dict[str, Any]) -> dict[str, Any]:
        """Make them, or find them made; where they lie and of which release."""
        from sia.papers import make as step
        from sia.warehouse import database

        run = get_current_context()["dag_run"]
        quarter = Quarter.parse(quarter_of_run(params["quarter"], run.partition_key, run.run_after))
        with database.connection() as connection:
            return step.csp_reports(
                connection, quarter, settings().state / "releases", settings().state / "papers"
            ).summary()

    make()


@dag(
    dag_id="assessment",
    dag_display_name="Papers: strategic assessment",
    description="The pack for the annual Strategic Intelligence Assessment, made of what is released.",
    doc_md=ASSESSMENT_RUNBOOK,
    schedule=BusinessCycleTimetable("assessment"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    params={"year": YEAR},
    default_args=TASKS,
    tags={"papers", "annual"},
)
def assessment() -> None:
    """Make the pack of the run's year."""

    @task
    def make(params: dict[str, Any]) -> dict[str, Any]:
        """Make it, or find it made; where it lies and of which releases."""
        from sia.papers import make as step
        from sia.warehouse import database

        run = get_current_context()["dag_run"]
        year = params["year"] or (run.partition_key and Quarter.parse(run.partition_key).financial_year)
        day = run.run_after.astimezone(LONDON).date()
        last = year_ending(year) if year else last_complete_year(day)
        with database.connection() as connection:
            return step.assessment(
                connection, last, settings().state / "releases", settings().state / "papers"
            ).summary()

    make()


csp_reports()
assessment()
