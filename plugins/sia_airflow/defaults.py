"""What all our DAGs share: the quarter that a run is about, how faults are met, and the assets between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule

from sia.calendar import LONDON, Quarter, last_complete_quarter

# The first quarter for which returns are owed: the contracts begin then.
START = datetime(2017, 4, 1, tzinfo=LONDON)

# A passing fault goes away by itself: the network, a server that restarts, a lock, a full disk that is
# cleared. All else needs a person, and trying it again would only hide it for longer.
PASSING = RetryRule(
    exception=["psycopg2.OperationalError", "psycopg2.InterfaceError", "sqlalchemy.exc.OperationalError",
               ConnectionError, TimeoutError],
    action=RetryAction.RETRY,
    reason="A passing fault of the connection or the server: trying again",
)  # fmt: skip
TASKS: dict[str, Any] = {
    "owner": "safer-communities-unit",
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 3.0,
    "retry_policy": ExceptionRetryPolicy([PASSING], default=RetryAction.FAIL),
    "execution_timeout": timedelta(hours=2),
}

QUARTER = Param(
    None,
    type=["null", "string"],
    pattern=r"^\d{4}-\d{2}Q[1-4]$",
    title="Financial quarter",
    description="For example 2021-22Q4 (January to March 2022). Left empty: the run's partition, "
    "else the last complete quarter.",
)

SCORECARD_DUE = Asset("scorecard_due")
DRAFT_OVERTAKEN = Asset("draft_overtaken")


def return_asset(name: str) -> Asset:
    """The asset whose partition says that a return of that name was loaded for a quarter."""
    return Asset(f"return_{name}")


def quarter_of_run(asked: str | None, partition_key: str | None, run_after: datetime) -> str:
    """The quarter that a run is about: the one asked for, else its partition, else the last complete one.

    Raises:
        ValueError: what was asked for is no financial quarter.
    """
    if found := asked or partition_key:
        return Quarter.parse(found).key
    return last_complete_quarter(run_after.astimezone(LONDON).date()).key
