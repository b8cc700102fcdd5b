"""Settings that our DAGs share: first day, retries, parameters, and the quarter or day that a run is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from string import Template
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule

from sia.calendar import LONDON, Quarter, last_complete_quarter
from sia.paths import PROJECT
from sia.registers.business_cycle import last_complete_year, year_ending
from sia_airflow.callbacks import email_unit_failed

RUNBOOKS = PROJECT / "dags" / "runbooks"

# Partners owe returns from this quarter on: the contracts begin then.
START = datetime(2017, 4, 1, tzinfo=LONDON)

# A temporary error ends without our help: the network, a server that restarts, a lock, a disk that is full or not
# mounted. Every other error needs a person, and a retry would only hide it for longer.
TEMPORARY_ERRORS = RetryRule(
    exception=["psycopg2.OperationalError", "psycopg2.InterfaceError", "sqlalchemy.exc.OperationalError",
               OSError, MemoryError, "httpx.TransportError"],
    action=RetryAction.RETRY,
    reason="A temporary error of the connection, the server or the disk",
)  # fmt: skip
TASKS: dict[str, Any] = {
    "owner": "safer-communities-unit",
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 3.0,
    "retry_policy": ExceptionRetryPolicy([TEMPORARY_ERRORS], default=RetryAction.FAIL),
    "execution_timeout": timedelta(hours=2),
}

QUARTER = Param(
    None,
    type=["null", "string"],
    pattern=r"^\d{4}-\d{2}Q[1-4]$",
    title="Financial quarter",
    description="For example 2021-22Q4 for January to March 2022. Leave blank for the last complete quarter.",
)
YEAR = Param(
    None,
    type=["null", "string"],
    pattern=r"^\d{4}-\d{2}$",
    title="Financial year",
    description="For example 2021-22 for April 2021 to March 2022. Leave blank for the last complete year.",
)


def day_of(dag_run: Any) -> str:
    """The day in London on which a run starts, as an ISO date."""
    return str(dag_run.run_after.astimezone(LONDON).date())


def quarter_of(dag_run: Any, params: Mapping[str, Any]) -> str:
    """The quarter that a run is about: its parameter, else its partition, else the last complete quarter.

    Raises:
        ValueError: the parameter is not a financial quarter.
    """
    if key := params["quarter"] or dag_run.partition_key:
        return Quarter.parse(key).key
    return last_complete_quarter(dag_run.run_after.astimezone(LONDON).date()).key


def year_of(dag_run: Any, params: Mapping[str, Any]) -> str:
    """The financial year that a run is about: its parameter, else its partition's, else the last complete year.

    Raises:
        ValueError: the parameter is not a financial year.
    """
    if params["year"]:
        return year_ending(params["year"]).financial_year
    if dag_run.partition_key:
        return Quarter.parse(dag_run.partition_key).financial_year
    return last_complete_year(dag_run.run_after.astimezone(LONDON).date()).financial_year


# Airflow fills these in when a task starts, and shows the value under "Rendered Templates".
DAY_OF_RUN = "{{ day_of(dag_run) }}"
QUARTER_OF_RUN = "{{ quarter_of(dag_run, params) }}"
YEAR_OF_RUN = "{{ year_of(dag_run, params) }}"

DEFAULTS: dict[str, Any] = {
    "start_date": START,
    "catchup": False,
    "max_active_runs": 1,
    "default_args": TASKS,
    "on_failure_callback": email_unit_failed,
    "user_defined_macros": {"day_of": day_of, "quarter_of": quarter_of, "year_of": year_of},
}
QUARTERLY = DEFAULTS | {"params": {"quarter": QUARTER}}
YEARLY = DEFAULTS | {"params": {"year": YEAR}}


def runbook(dag: str, /, **details: str) -> str:
    """The text of ``dags/runbooks/<dag>.md``, with each ``$detail`` filled in.

    Raises:
        KeyError: the runbook has a detail that is not given.
    """
    return Template((RUNBOOKS / f"{dag}.md").read_text(encoding="utf-8")).substitute(details)
